"""``vedette metrics``: the metrics role alone, with Prometheus's flags."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.main import app
from vedette.cli.options import listen_address
from vedette.config.log import setup_logging


@app.command()
def metrics(
    context: typer.Context,
    config_file: Annotated[Path, typer.Option("--config.file", help="The configuration.")] = Path(
        "prometheus.yml"
    ),
    data: Annotated[Path, typer.Option("--storage.tsdb.path", help="Where samples are kept.")] = Path("data"),
    retention_time: Annotated[
        str, typer.Option("--storage.tsdb.retention.time", help="How long samples are kept, such as 30d.")
    ] = "",
    retention_size: Annotated[
        str,
        typer.Option("--storage.tsdb.retention.size", help="How large the store may become, such as 10GB."),
    ] = "",
    min_block: Annotated[str, typer.Option("--storage.tsdb.min-block-duration", hidden=True)] = "2h",
    max_block: Annotated[str, typer.Option("--storage.tsdb.max-block-duration", hidden=True)] = "",
    wal_compression: Annotated[
        bool, typer.Option("--storage.tsdb.wal-compression/--no-storage.tsdb.wal-compression")
    ] = True,
    no_lockfile: Annotated[bool, typer.Option("--storage.tsdb.no-lockfile")] = False,
    listen: Annotated[str, typer.Option("--web.listen-address", help="Where to listen.")] = "0.0.0.0:9090",
    external_url: Annotated[
        str, typer.Option("--web.external-url", help="How others reach this server; alerts link there.")
    ] = "",
    route_prefix: Annotated[
        str, typer.Option("--web.route-prefix", help="What every path begins with.")
    ] = "",
    ui_url: Annotated[
        str, typer.Option("--web.ui-url", help="The dashboards role, where /graph and /alerts lead.")
    ] = "",
    cors_origin: Annotated[
        str, typer.Option("--web.cors.origin", help="Origins allowed, a regular expression.")
    ] = ".*",
    enable_lifecycle: Annotated[
        bool, typer.Option("--web.enable-lifecycle", help="Allow /-/reload and /-/quit.")
    ] = False,
    enable_admin_api: Annotated[
        bool, typer.Option("--web.enable-admin-api", help="Allow deleting and snapshots over HTTP.")
    ] = False,
    enable_receiver: Annotated[
        bool, typer.Option("--web.enable-remote-write-receiver", help="Accept POST /api/v1/write.")
    ] = False,
    lookback: Annotated[
        str, typer.Option("--query.lookback-delta", help="How old a sample may be and still count.")
    ] = "5m",
    timeout: Annotated[str, typer.Option("--query.timeout", help="How long a query may run.")] = "2m",
    concurrency: Annotated[int, typer.Option("--query.max-concurrency", help="Queries at once.")] = 20,
    max_samples: Annotated[
        int, typer.Option("--query.max-samples", help="Samples that one query may hold in memory.")
    ] = 50_000_000,
    slow_query: Annotated[
        str,
        typer.Option(
            "--query.slow-log-threshold", help="Queries that take this long are logged; 0 for none."
        ),
    ] = "5s",
    outage_tolerance: Annotated[
        str, typer.Option("--rules.alert.for-outage-tolerance", help="How long an outage `for` survives.")
    ] = "1h",
    grace_period: Annotated[
        str, typer.Option("--rules.alert.for-grace-period", help="Least wait of a restored alert.")
    ] = "10m",
    resend_delay: Annotated[
        str, typer.Option("--rules.alert.resend-delay", help="How often a firing alert is sent again.")
    ] = "1m",
    queue: Annotated[int, typer.Option("--alertmanager.notification-queue-capacity")] = 10_000,
    batch: Annotated[int, typer.Option("--alertmanager.notification-batch-size")] = 256,
    features: Annotated[
        list[str] | None, typer.Option("--enable-feature", help="Names, separated by commas.")
    ] = None,
    log_level: Annotated[str, typer.Option("--log.level", help="debug, info, warn or error.")] = "info",
    log_format: Annotated[str, typer.Option("--log.format", help="logfmt or json.")] = "logfmt",
) -> None:
    """Scrapes, stores, evaluates rules and answers queries (Prometheus)."""
    from vedette.cli.options import byte_size, duration, flag_values
    from vedette.metrics.service import MetricsOptions, MetricsRole
    from vedette.web.role import run_roles

    setup_logging(log_level, log_format)
    options = MetricsOptions(
        config_file=config_file,
        data_dir=data,
        listen=listen_address(listen),
        external_url=external_url,
        route_prefix=route_prefix,
        ui_url=ui_url,
        cors_origin=cors_origin,
        enable_lifecycle=enable_lifecycle,
        enable_admin_api=enable_admin_api,
        enable_remote_write_receiver=enable_receiver,
        retention_ms=duration(retention_time) if retention_time else None,
        retention_bytes=byte_size(retention_size) if retention_size else None,
        min_block=duration(min_block),
        max_block=duration(max_block) if max_block else 0,
        wal_compression=wal_compression,
        lock_file=not no_lockfile,
        lookback=duration(lookback),
        query_timeout=duration(timeout),
        query_concurrency=concurrency,
        query_max_samples=max_samples,
        slow_query_ms=duration(slow_query),
        alert_outage_tolerance=duration(outage_tolerance),
        alert_grace_period=duration(grace_period),
        alert_resend_delay=duration(resend_delay),
        notification_queue=queue,
        notification_batch=batch,
        features=frozenset(name for names in features or () for name in names.split(",") if name),
        flags=flag_values(context),
    )
    sys.exit(run_roles([MetricsRole(options)]))
