from __future__ import annotations

import time

import pytest

from vedette.metrics.api.pace import Pace


def test_only_what_was_quick_before_is_prompt() -> None:
    pace = Pace(limit_s=0.01)
    assert not pace.is_prompt("never asked")
    with pace.measured("quick"):
        pass
    with pytest.raises(ValueError, match="refused"), pace.measured("refused"):
        raise ValueError("refused")
    pace.remember("slow", 0.5)
    assert pace.is_prompt("quick")
    assert pace.is_prompt("refused")
    assert not pace.is_prompt("slow")


def test_the_last_time_counts() -> None:
    pace = Pace(limit_s=0.01)
    pace.remember("a", 0.001)
    pace.remember("a", 0.1)
    assert not pace.is_prompt("a")
    pace.remember("a", 0.001)
    assert pace.is_prompt("a")


def test_waiting_for_others_counts_a_little() -> None:
    pace = Pace(limit_s=0.01)
    with pace.measured("waited long"):
        time.sleep(0.15)
    assert not pace.is_prompt("waited long")


def test_the_oldest_are_forgotten() -> None:
    pace = Pace(most=2)
    for name in "abc":
        pace.remember(name, 0.0)
    assert [pace.is_prompt(name) for name in "abc"] == [False, True, True]
