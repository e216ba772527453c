"""The original's own query scripts, each question in all its equivalent forms."""

from __future__ import annotations

import pytest

from support.shared import SHARED, shared_path
from vedette.metrics.promql.script.run import run_file
from vedette.metrics.promql.script.setups import everything

FOLDER = "conformance/promql"
NAMES = sorted(p.name for p in (SHARED / FOLDER).glob("*.test"))
# Seconds even in the forms that are asked by default.
LONG = frozenset(("functions.test", "histograms.test", "native_histograms.test"))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LONG])
def test_script(name: str) -> None:
    outcome = run_file(shared_path(FOLDER) / name)
    assert outcome.passed > 0
    assert not outcome.failures, "\n".join(map(str, outcome.failures))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_script_in_all_forms(name: str) -> None:
    outcome = run_file(shared_path(FOLDER) / name, everything())
    assert outcome.passed > 0
    assert not outcome.failures, "\n".join(map(str, outcome.failures))
