"""`vedette check`: all faults of all files of a project, without starting anything."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from vedette.cli.main import app


@app.command()
def check(
    directory: Annotated[
        Path | None, typer.Argument(help="Project directory; default: the shipped guide.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when all is well.")] = False,
    errors_only: Annotated[bool, typer.Option("--errors-only", help="Leave warnings out.")] = False,
) -> None:
    """Check every file of a project together. Exit code 1 when there are errors."""
    from vedette.stack.check import check_project

    console = Console(stderr=False, soft_wrap=True)
    problems = check_project(directory)
    errors = [p for p in problems if p.severity == "error"]
    warnings = [p for p in problems if p.severity == "warning"]
    for problem in problems:
        if problem.severity == "warning" and errors_only:
            continue
        style = "red" if problem.severity == "error" else "yellow"
        console.print(f"[{style}]{problem.severity}[/]", end=" ", highlight=False)
        console.print(str(problem), highlight=False, markup=False)
    if errors or warnings:
        console.print(f"{_count(errors, 'error')}, {_count(warnings, 'warning')}", highlight=False)
    elif not quiet:
        console.print("no faults found", highlight=False)
    raise typer.Exit(1 if errors else 0)


def _count(items: Sized, word: str) -> str:
    return f"{len(items)} {word}{'' if len(items) == 1 else 's'}"
