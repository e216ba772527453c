"""`vedette test`: run test files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vedette.cli.main import app

if TYPE_CHECKING:
    from vedette.metrics.promql.script.run import Outcome

test = typer.Typer(no_args_is_help=True, help="Run test files.")
app.add_typer(test, name="test")


@test.callback()
def _test() -> None: ...


@test.command("promql")
def promql(
    files: Annotated[list[Path], typer.Argument(help="Scripts of `load` and `eval` commands.")],
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say what failed and why.")] = False,
) -> None:
    """Run PromQL scripts: a line per file, then how many questions passed and failed."""
    from vedette.metrics.promql.script.commands import ScriptError
    from vedette.metrics.promql.script.run import run_file

    passed = failed = 0
    for path in files:
        try:
            outcome = run_file(path)
        except (ScriptError, OSError, UnicodeDecodeError) as error:
            typer.echo(f"{path}: {error}")
            failed += 1
            continue
        passed += outcome.passed
        failed += len(outcome.failures)
        _report(path, outcome, verbose=verbose)
    typer.echo(f"{passed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


@test.command("rules")
def rules(
    files: Annotated[list[Path], typer.Argument(help="Unit tests of rules, as promtool reads them.")],
) -> None:
    """Run unit tests of rules: what failed and why, then how many expectations held and failed."""
    from vedette.config.problems import ConfigError
    from vedette.metrics.rules.unit.run import run_unit_file

    passed = failed = 0
    for path in files:
        try:
            outcome = run_unit_file(path)
        except ConfigError as error:
            typer.echo(str(error))
            failed += 1
            continue
        passed += outcome.passed
        failed += len(outcome.failures)
        typer.echo(f"{path}: {outcome.passed} passed, {len(outcome.failures)} failed")
        for failure in outcome.failures:
            typer.echo(f"  {failure}")
    typer.echo(f"{passed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


def _report(path: Path, outcome: Outcome, *, verbose: bool) -> None:
    typer.echo(f"{path}: {outcome.passed} passed, {len(outcome.failures)} failed")
    if verbose:
        for failure in outcome.failures:
            typer.echo(f"  {failure}")
