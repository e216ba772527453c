"""``vedette demo break|mend KIND``: real trouble in the demo that `vedette up --demo` runs, and its end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from vedette.cli.main import app

demo = typer.Typer(no_args_is_help=True, help="Break and mend the demo of `vedette up --demo`.")
app.add_typer(demo, name="demo")

KindArgument = Annotated[str, typer.Argument(metavar="KIND", help="api, database, redis, errors or latency")]
DirOption = Annotated[
    Path | None, typer.Option("--dir", help="The project directory that `vedette up` was given.")
]
DataOption = Annotated[Path | None, typer.Option("--data-dir", help="Its data directory, if set.")]


@demo.command("break")
def break_(kind: KindArgument, dir: DirOption = None, data_dir: DataOption = None) -> None:
    """Create a condition that an alert should notice."""
    from vedette.stack.demo.conditions import ALERTS, Kind

    _do("break", kind, dir, data_dir)
    typer.echo(f"{kind} is broken; {' and '.join(ALERTS[Kind(kind)])} should fire")


@demo.command()
def mend(kind: KindArgument, dir: DirOption = None, data_dir: DataOption = None) -> None:
    """Clear a condition."""
    _do("mend", kind, dir, data_dir)
    typer.echo(f"{kind} is mended")


@demo.command()
def status(dir: DirOption = None, data_dir: DataOption = None) -> None:
    """Show the demo's parts and what is broken."""
    from vedette.stack.demo.house import describe

    answer = _do("status", "", dir, data_dir)
    typer.echo(describe(answer["parts"]))
    typer.echo("broken: " + (", ".join(answer["broken"]) or "nothing"))


def _do(what: str, kind: str, dir: Path | None, data_dir: Path | None) -> dict[str, Any]:
    from vedette.config.problems import ConfigError
    from vedette.stack.demo.conditions import parse_kind
    from vedette.stack.demo.control import ControlError, ask

    try:
        if kind:
            parse_kind(kind)
        return asyncio.run(ask(_control_file(dir, data_dir), what, kind))
    except (ControlError, ConfigError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def _control_file(dir: Path | None, data_dir: Path | None) -> Path:
    """Of the demo that `vedette up --demo` runs with the same choice of directories."""
    from vedette.stack.project import default_data_dir, open_project

    if dir is not None:
        places = [open_project(dir, data_dir=data_dir).data_dir]
    else:
        # Without a directory of the user's, the demo has its project and its data side by side.
        place = data_dir or default_data_dir("demo")
        places = [place / "data", place]
    files = [place.resolve() / "demo" / "control.json" for place in places]
    return next((file for file in files if file.exists()), files[0])
