"""``vedette exporter postgres``: postgres_exporter's flags. The server comes from DATA_SOURCE_NAME and its kin."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.exporter import COLLECTOR_FLAGS, chosen_collectors, exporter
from vedette.cli.options import listen_address, seconds
from vedette.config.log import setup_logging


@exporter.command(context_settings=COLLECTOR_FLAGS)
def postgres(
    context: typer.Context,
    listen: Annotated[
        str, typer.Option("--web.listen-address", envvar="PG_EXPORTER_WEB_LISTEN_ADDRESS")
    ] = ":9187",
    telemetry_path: Annotated[
        str, typer.Option("--web.telemetry-path", envvar="PG_EXPORTER_WEB_TELEMETRY_PATH")
    ] = "/metrics",
    config_file: Annotated[
        Path | None, typer.Option("--config.file", help="auth_modules for /probe.")
    ] = None,
    collection_timeout: Annotated[
        str, typer.Option("--collection-timeout", help="Longest time for one scrape.")
    ] = "10s",
    disable_default: Annotated[
        bool,
        typer.Option("--disable-default-metrics", envvar="PG_EXPORTER_DISABLE_DEFAULT_METRICS"),
    ] = False,
    disable_settings: Annotated[
        bool,
        typer.Option("--disable-settings-metrics", envvar="PG_EXPORTER_DISABLE_SETTINGS_METRICS"),
    ] = False,
    exclude_databases: Annotated[
        str,
        typer.Option("--exclude-databases", envvar="PG_EXPORTER_EXCLUDE_DATABASES", help="Comma-separated."),
    ] = "",
    include_query: Annotated[
        bool,
        typer.Option(
            "--collector.stat_statements.include_query/--no-collector.stat_statements.include_query",
            help="Show the text of statements, without the values in them.",
        ),
    ] = True,
    query_length: Annotated[int, typer.Option("--collector.stat_statements.query_length")] = 120,
    limit: Annotated[int, typer.Option("--collector.stat_statements.limit")] = 100,
    statements_exclude_databases: Annotated[
        str, typer.Option("--collector.stat_statements.exclude_databases")
    ] = "",
    statements_exclude_users: Annotated[str, typer.Option("--collector.stat_statements.exclude_users")] = "",
    log_level: Annotated[str, typer.Option("--log.level")] = "info",
    log_format: Annotated[str, typer.Option("--log.format")] = "logfmt",
) -> None:
    """Metrics of a PostgreSQL (postgres_exporter). Collectors: --collector.NAME, --no-collector.NAME."""
    from vedette.config.problems import ConfigError
    from vedette.exporters.postgres.collector import Choices
    from vedette.exporters.postgres.registry import COLLECTORS, DEFAULT
    from vedette.exporters.postgres.service import PostgresExporter, PostgresOptions
    from vedette.web.role import run_roles

    setup_logging(log_level, log_format)
    collectors = chosen_collectors(context.args, COLLECTORS, () if disable_default else DEFAULT)
    if disable_settings:
        collectors = [name for name in collectors if name != "settings"]
    options = PostgresOptions(
        listen=listen_address(listen),
        telemetry_path=telemetry_path,
        environment=os.environ,
        collectors=collectors,
        choices=Choices(
            exclude_databases=_words(exclude_databases),
            statements_query=include_query,
            statements_query_length=query_length,
            statements_limit=limit,
            statements_exclude_databases=_words(statements_exclude_databases),
            statements_exclude_users=_words(statements_exclude_users),
        ),
        config_file=config_file,
        timeout_s=seconds(collection_timeout),
    )
    try:
        role = PostgresExporter(options)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(run_roles([role]))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
