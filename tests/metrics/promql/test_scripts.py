"""Our own scripts: what the original's leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedette.metrics.promql.run.context import DELAYED_NAME_REMOVAL
from vedette.metrics.promql.script.run import run_file, run_script
from vedette.metrics.promql.script.setups import everything
from vedette.metrics.promql.syntax.parser import ALL_FEATURES

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.test"))
# Asked as a server without feature flags for names would answer.
IMMEDIATE = sorted((Path(__file__).parent / "scripts" / "immediate").glob("*.test"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_script(path: Path) -> None:
    outcome = run_file(path)
    assert outcome.passed > 0
    assert not outcome.failures, "\n".join(str(f) for f in outcome.failures)


@pytest.mark.parametrize("path", IMMEDIATE, ids=lambda p: p.stem)
def test_script_with_names_dropped_at_once(path: Path) -> None:
    outcome = run_script(path.read_text(), ALL_FEATURES - {DELAYED_NAME_REMOVAL})
    assert outcome.passed > 0
    assert not outcome.failures, "\n".join(str(f) for f in outcome.failures)


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_script_in_all_forms(path: Path) -> None:
    outcome = run_file(path, everything())
    assert not outcome.failures, "\n".join(str(f) for f in outcome.failures)


def test_a_wrong_answer_is_a_failure() -> None:
    outcome = run_script("load 1m\n  m 1 2 3\n\neval instant at 1m m\n  m 7\n\neval instant at 1m m\n  m 2\n")
    assert (outcome.passed, len(outcome.failures)) == (1, 1)
    assert str(outcome.failures[0]) == "line 4: m: m: expected 7, got 2"


def test_a_series_too_many_is_a_failure() -> None:
    outcome = run_script('load 1m\n  m{a="1"} 1\n  m{a="2"} 1\n\neval instant at 0 m\n  m{a="1"} 1\n')
    assert "unexpected series" in outcome.failures[0].reason
