"""``vedette exporter redis``: redis_exporter's flags and environment variables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.exporter import exporter
from vedette.cli.options import listen_address, seconds
from vedette.config.log import setup_logging


@exporter.command()
def redis(
    address: Annotated[
        str, typer.Option("--redis.addr", envvar="REDIS_ADDR", help="redis://, rediss:// or unix://")
    ] = "redis://localhost:6379",
    user: Annotated[str, typer.Option("--redis.user", envvar="REDIS_USER")] = "",
    password: Annotated[
        str, typer.Option("--redis.password", envvar="REDIS_PASSWORD", help="Better in the environment.")
    ] = "",
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--redis.password-file", envvar="REDIS_PASSWORD_FILE", help="JSON: address to password."
        ),
    ] = None,
    listen: Annotated[
        str, typer.Option("--web.listen-address", envvar="REDIS_EXPORTER_WEB_LISTEN_ADDRESS")
    ] = ":9121",
    telemetry_path: Annotated[
        str, typer.Option("--web.telemetry-path", envvar="REDIS_EXPORTER_WEB_TELEMETRY_PATH")
    ] = "/metrics",
    connection_timeout: Annotated[
        str, typer.Option("--connection-timeout", envvar="REDIS_EXPORTER_CONNECTION_TIMEOUT")
    ] = "15s",
    config_command: Annotated[
        str,
        typer.Option(
            "--config-command", envvar="REDIS_EXPORTER_CONFIG_COMMAND", help='"-": do not ask for settings.'
        ),
    ] = "CONFIG",
    config_metrics: Annotated[
        bool,
        typer.Option("--include-config-metrics", envvar="REDIS_EXPORTER_INCL_CONFIG_METRICS"),
    ] = False,
    system_metrics: Annotated[
        bool, typer.Option("--include-system-metrics", envvar="REDIS_EXPORTER_INCL_SYSTEM_METRICS")
    ] = False,
    no_histograms: Annotated[
        bool,
        typer.Option(
            "--exclude-latency-histogram-metrics",
            envvar="REDIS_EXPORTER_EXCLUDE_LATENCY_HISTOGRAM_METRICS",
        ),
    ] = False,
    set_client_name: Annotated[
        bool,
        typer.Option("--set-client-name/--no-set-client-name", envvar="REDIS_EXPORTER_SET_CLIENT_NAME"),
    ] = True,
    skip_tls_verification: Annotated[
        bool, typer.Option("--skip-tls-verification", envvar="REDIS_EXPORTER_SKIP_TLS_VERIFICATION")
    ] = False,
    redis_only: Annotated[
        bool,
        typer.Option(
            "--redis-only-metrics", envvar="REDIS_EXPORTER_REDIS_ONLY_METRICS", help="No process_*."
        ),
    ] = False,
    log_level: Annotated[str, typer.Option("--log-level")] = "info",
    log_format: Annotated[str, typer.Option("--log-format")] = "logfmt",
) -> None:
    """Metrics of a Redis or Valkey (redis_exporter)."""
    from vedette.config.problems import ConfigError
    from vedette.exporters.redis.scrape import Choices
    from vedette.exporters.redis.service import RedisExporter, RedisOptions
    from vedette.web.role import run_roles

    setup_logging(log_level, log_format)
    options = RedisOptions(
        listen=listen_address(listen),
        telemetry_path=telemetry_path,
        address=address,
        user=user,
        password=password,
        password_file=password_file,
        choices=Choices(
            config_metrics=config_metrics,
            config_command=config_command,
            latency_histograms=not no_histograms,
            system_metrics=system_metrics,
            client_name="redis_exporter" if set_client_name else None,
        ),
        timeout_s=seconds(connection_timeout),
        verify_tls=not skip_tls_verification,
        own_metrics=not redis_only,
    )
    try:
        role = RedisExporter(options)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(run_roles([role]))
