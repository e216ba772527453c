"""`vedette test`: run test files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from vedette.cli.main import app

if TYPE_CHECKING:
    from vedette.metrics.promql.script.run import Outcome

# Failures of one file that are shown without -v.
SHOWN = 10

test = typer.Typer(no_args_is_help=True, help="Run test files.")
app.add_typer(test, name="test")


@test.callback()
def _test() -> None: ...


class Switch(StrEnum):
    ON = "on"
    OFF = "off"
    BOTH = "both"

    def values(self) -> tuple[bool, ...]:
        return {"on": (True,), "off": (False,), "both": (False, True)}[self.value]


class Kernels(StrEnum):
    COMPILED = "compiled"
    PLAIN = "plain"
    BOTH = "both"

    def values(self) -> tuple[bool, ...]:
        return {"compiled": (False,), "plain": (True,), "both": (False, True)}[self.value]


@test.command("promql")
def promql(
    files: Annotated[list[Path], typer.Argument(help="Scripts of `load` and `eval` commands.")],
    forms: Annotated[
        str,
        typer.Option(
            help="Equivalent forms to ask each question in: pinned, in-range, shifted, stepwise (comma-separated), none, "
            "or all, which also means every batch size, threads and kernel that no other flag chooses."
        ),
    ] = "pinned,in-range",
    batch_rows: Annotated[
        str | None, typer.Option(help="Series a batch: one number or several, e.g. 1,2,3,7,1024.")
    ] = None,
    threads: Annotated[Switch | None, typer.Option(help="Batches on all cores.")] = None,
    kernels: Annotated[
        Kernels | None, typer.Option(help="Compiled kernels (the default), their plain twins, or both.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Every failure, and how often each form was asked.")
    ] = False,
) -> None:
    """Run PromQL scripts: a line per file, what failed and where, then how many questions passed and failed."""
    from vedette.metrics.promql.script.commands import ScriptError
    from vedette.metrics.promql.script.run import Outcome, run_file
    from vedette.metrics.promql.script.setups import choose, read_batch_rows, read_forms

    try:
        how = choose(
            read_forms(forms),
            None if batch_rows is None else read_batch_rows(batch_rows),
            None if threads is None else threads.values(),
            None if kernels is None else kernels.values(),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    total = Outcome()
    unread = 0
    for path in files:
        try:
            with _progress(path) as progress:
                outcome = run_file(path, how, progress)
        except ScriptError as error:
            typer.echo(f"{path}:{error.line}: {error.message}")
            unread += 1
            continue
        except (OSError, UnicodeDecodeError) as error:
            typer.echo(f"{path}: {error}")
            unread += 1
            continue
        total.add(outcome)
        _report(path, outcome, verbose=verbose)
    wrong = total.wrong()
    for form, asked in total.asked.items() if verbose else ():
        typer.echo(f"{form}: {asked} asked, {wrong[form]} wrong")
    if wrong and not verbose:
        typer.echo("wrong by form: " + ", ".join(f"{form} {count}" for form, count in wrong.items()))
    failed = len(total.failures) + unread
    typer.echo(f"{total.passed} passed, {failed} failed")
    if failed:
        raise typer.Exit(1)


@contextmanager
def _progress(path: Path) -> Iterator[Callable[[int, int], None]]:
    """A bar while a script runs, where somebody looks at it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(path.name, total=None)
        yield lambda done, count: bar.update(task, completed=done, total=count)


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
    shown = outcome.failures if verbose else outcome.failures[:SHOWN]
    for failure in shown:
        typer.echo(f"  {path}:{failure.line}: {failure.query}")
        for wrong in failure.wrong:
            typer.echo(f"    {wrong}")
    if len(shown) < len(outcome.failures):
        typer.echo(f"  and {len(outcome.failures) - len(shown)} more: -v shows all")
