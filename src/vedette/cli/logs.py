"""`vedette logs`: the log server alone, with Loki's flags."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.main import app
from vedette.config.log import setup_logging


@app.command()
def logs(
    config_file: Annotated[
        Path | None,
        typer.Option("--config.file", "-config.file", help="loki-config.yml; without it the defaults hold."),
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option("--storage.path", help="Where lines are kept; overrides the file's paths.")
    ] = None,
    listen_address: Annotated[
        str, typer.Option("--web.listen-address", help="host:port; overrides the file's server block.")
    ] = "",
    verify: Annotated[
        bool, typer.Option("--verify-config", "-verify-config", help="Check the file and stop.")
    ] = False,
    log_level: Annotated[str, typer.Option("--log.level", help="debug, info, warn or error.")] = "info",
    log_format: Annotated[str, typer.Option("--log.format", help="logfmt or json.")] = "logfmt",
) -> None:
    """Take in, keep and search logs (stands for Loki)."""
    setup_logging(log_level, log_format)
    from vedette.config.document import read_document
    from vedette.config.problems import ConfigError, errors_of
    from vedette.logs.config import check_config
    from vedette.logs.service import LogsOptions, LogsRole
    from vedette.web.role import Listen, run_roles

    try:
        if verify:
            problems = check_config(read_document(config_file)) if config_file else []
            for problem in problems:
                typer.echo(f"{problem.severity}: {problem}", err=True)
            raise typer.Exit(1 if errors_of(problems) else 0)
        listen = Listen.parse(listen_address) if listen_address else None
        role = LogsRole(LogsOptions(config_file, data_dir, listen))
    except ConfigError as error:
        for problem in error.problems:
            typer.echo(f"{problem.severity}: {problem}", err=True)
        raise typer.Exit(1) from None
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(run_roles([role]))
