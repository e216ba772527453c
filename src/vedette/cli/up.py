"""`vedette up`: the whole stack of a project, under one supervisor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from vedette.cli.main import app


@app.command()
def up(
    directory: Annotated[
        Path | None, typer.Argument(help="Project directory; default: the shipped guide.")
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Add an application, PostgreSQL, Valkey and some traffic.")
    ] = False,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the dashboards in a browser when ready.")
    ] = False,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Where data is kept.")] = None,
    log_level: Annotated[str, typer.Option("--log.level", help="debug, info, warn or error.")] = "info",
) -> None:
    """Run a project: every role, checked before and watched after it is started."""
    from vedette.config.problems import ConfigError
    from vedette.stack.project import open_project
    from vedette.stack.up import UpOptions, check_in_child, run_up

    console = Console(soft_wrap=False)
    try:
        if demo:
            from vedette.stack.with_demo import demo_project

            project = demo_project(directory, data_dir)
        else:
            project = open_project(directory, data_dir=data_dir)
        code = run_up(UpOptions(project, demo, open_browser, log_level), console)
    except ConfigError as error:
        # What steers the project can't be read; the check names that and the faults of all other files.
        if directory is not None and directory.is_dir() and not check_in_child(directory, console):
            raise typer.Exit(1) from None
        console.print(str(error), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except OSError as error:
        console.print(f"{error.filename}: {error.strerror}", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    raise typer.Exit(code)
