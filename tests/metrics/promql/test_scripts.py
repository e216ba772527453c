"""Our own scripts: what the original's leave out."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vedette.metrics.promql.script.run import run_file, run_script

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.test"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.stem)
def test_script(path: Path) -> None:
    outcome = run_file(path)
    assert outcome.passed > 0
    assert not outcome.failures, "\n".join(str(f) for f in outcome.failures)


def test_a_wrong_answer_is_a_failure() -> None:
    outcome = run_script("load 1m\n  m 1 2 3\n\neval instant at 1m m\n  m 7\n\neval instant at 1m m\n  m 2\n")
    assert (outcome.passed, len(outcome.failures)) == (1, 1)
    assert str(outcome.failures[0]) == "line 4: m: m: expected 7, got 2"


def test_a_series_too_many_is_a_failure() -> None:
    outcome = run_script('load 1m\n  m{a="1"} 1\n  m{a="2"} 1\n\neval instant at 0 m\n  m{a="1"} 1\n')
    assert "unexpected series" in outcome.failures[0].reason


def test_the_command(tmp_path: Path) -> None:
    import vedette.cli.test
    from vedette.cli.main import app

    assert vedette.cli.test.test
    good, bad = tmp_path / "good.test", tmp_path / "bad.test"
    good.write_text("eval instant at 0 1 + 1\n  2\n")
    bad.write_text("eval instant at 0 1 + 1\n  3\n")
    run = CliRunner().invoke(app, ["test", "promql", str(good)])
    assert run.exit_code == 0
    assert run.output.splitlines()[-1] == "1 passed, 0 failed"
    run = CliRunner().invoke(app, ["test", "promql", "-v", str(good), str(bad)])
    assert run.exit_code == 1
    assert "expected 3, got 2" in run.output
    assert run.output.splitlines()[-1] == "1 passed, 1 failed"
