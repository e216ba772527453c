"""`vedette init`: writes the corrected guide as a starting point."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.main import app


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(help="Where to write; made when it does not exist.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there already.")] = False,
) -> None:
    """Write a project to start from: the guide's files, corrected."""
    from vedette.stack.init import write_project

    try:
        results = list(write_project(directory, overwrite=force))
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    for path, written in results:
        typer.echo(f"{'wrote' if written else 'kept '} {path}")
    typer.echo(f"\nstart it:  vedette up {directory}\ncheck it:  vedette check {directory}")
