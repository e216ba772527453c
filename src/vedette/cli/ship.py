"""`vedette ship`: the shipper alone, with Promtail's flags."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.main import app
from vedette.config.log import setup_logging
from vedette.config.problems import ConfigError


@app.command()
def ship(
    config_file: Annotated[Path, typer.Option("--config.file", "-config.file", help="Configuration file.")],
    listen: Annotated[
        str, typer.Option("--web.listen-address", help="host:port; default: the file's server block.")
    ] = "",
    check_syntax: Annotated[
        bool, typer.Option("--check-syntax", "-check-syntax", help="Check the file and exit.")
    ] = False,
    log_level: Annotated[str, typer.Option("--log.level", help="debug, info, warn or error.")] = "info",
) -> None:
    """Follow files and push their lines (stands for Promtail)."""
    from vedette.config.document import read_document
    from vedette.ship.config import check_config
    from vedette.ship.service import ShipOptions, ShipRole
    from vedette.web.role import Listen, run_roles

    setup_logging(log_level)
    try:
        if check_syntax:
            problems = check_config(read_document(config_file))
            for problem in problems:
                print(problem, file=sys.stderr)
            if any(p.severity == "error" for p in problems):
                raise typer.Exit(1)
            typer.echo("Valid config file! No syntax issues found")
            return
        role = ShipRole(ShipOptions(config_file, Listen.parse(listen) if listen else None))
    except (ConfigError, ValueError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    raise typer.Exit(run_roles([role]))
