from __future__ import annotations

from pathlib import Path

import pytest

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import ExecutionError, ParseError
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.metrics.promql.syntax.parser import ALL_FEATURES

BLOCKS = [block for block in (Path(__file__).parent / "plans.txt").read_text().split("\n\n") if block.strip()]


def engine() -> Engine:
    return Engine(MemoryStorage(), enable_features=ALL_FEATURES)


@pytest.mark.parametrize("block", BLOCKS)
def test_plan_prints(block: str) -> None:
    query, *lines = [line for line in block.strip("\n").split("\n") if not line.startswith("#")]
    want = "\n".join(line[2:] for line in lines)
    assert engine().explain(query, 0, 3_600_000, 60_000) == want


def test_step_is_nothing_in_an_instant_query() -> None:
    with pytest.raises(ParseError, match=r"^2:8: duration must be greater than 0$"):
        engine().explain("m[step()]", 0, 0)


def test_division_by_zero_in_a_duration() -> None:
    with pytest.raises(ParseError, match="division by zero"):
        engine().explain("m[5m/step()]", 0, 0)


def test_a_modifier_out_of_place_names_where_it_may_stand() -> None:
    with pytest.raises(
        ExecutionError, match="smoothed modifier can only be used with: delta, increase, rate"
    ):
        engine().explain("deriv(m[5m] smoothed)", 0, 0)
