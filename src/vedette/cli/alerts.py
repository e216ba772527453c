"""``vedette alerts``: the alerts role, with Alertmanager's flags."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.main import app
from vedette.cli.options import listen_address
from vedette.config.log import setup_logging


def _duration(text: str) -> int:
    from vedette.model.time import DurationError, parse_duration

    try:
        return parse_duration(text)
    except DurationError as error:
        raise typer.BadParameter(str(error)) from None


@app.command()
def alerts(
    config_file: Annotated[Path, typer.Option("--config.file", help="Configuration.")] = Path(
        "alertmanager.yml"
    ),
    storage: Annotated[
        Path, typer.Option("--storage.path", help="Where silences and the log are kept.")
    ] = Path("data/alerts"),
    retention: Annotated[str, typer.Option("--data.retention", help="How long to keep them.")] = "120h",
    history: Annotated[
        str, typer.Option("--history.retention", help="How long to keep the history of notifications.")
    ] = "90d",
    maintenance: Annotated[str, typer.Option("--data.maintenance-interval")] = "15m",
    alerts_gc: Annotated[str, typer.Option("--alerts.gc-interval")] = "30m",
    max_silences: Annotated[int, typer.Option("--silences.max-silences", help="0: any number.")] = 0,
    max_silence_size: Annotated[
        int, typer.Option("--silences.max-silence-size-bytes", help="0: any size.")
    ] = 0,
    dispatch_maintenance: Annotated[str, typer.Option("--dispatch.maintenance-interval")] = "30s",
    start_delay: Annotated[
        str, typer.Option("--dispatch.start-delay", help="Wait before the first notification.")
    ] = "0s",
    listen: Annotated[str, typer.Option("--web.listen-address", help="Address to listen on.")] = ":9093",
    external_url: Annotated[
        str, typer.Option("--web.external-url", help="Address of this server in notifications.")
    ] = "",
    route_prefix: Annotated[str, typer.Option("--web.route-prefix")] = "",
    ui_url: Annotated[
        str, typer.Option("--web.ui-url", help="The dashboards role, where links of notifications lead.")
    ] = "",
    cluster_listen: Annotated[
        str, typer.Option("--cluster.listen-address", help="Only empty: one instance, no cluster.")
    ] = "",
    log_level: Annotated[str, typer.Option("--log.level")] = "info",
    log_format: Annotated[str, typer.Option("--log.format")] = "logfmt",
) -> None:
    """Alerts to the people they concern (Alertmanager)."""
    from vedette.alerts.service import AlertsOptions, AlertsRole
    from vedette.web.role import run_roles

    if cluster_listen:
        raise typer.BadParameter(
            "clusters are not supported; point several senders at one instance, or at an Alertmanager cluster"
        )
    setup_logging(log_level, log_format)
    options = AlertsOptions(
        config_file=config_file,
        data_dir=storage,
        listen=listen_address(listen),
        external_url=external_url,
        route_prefix=route_prefix,
        ui_url=ui_url,
        retention=_duration(retention),
        history_retention=_duration(history),
        maintenance_interval=_duration(maintenance),
        alerts_gc_interval=_duration(alerts_gc),
        dispatch_maintenance_interval=_duration(dispatch_maintenance),
        start_delay=_duration(start_delay),
        max_silences=max_silences,
        max_silence_size_bytes=max_silence_size,
    )
    raise typer.Exit(run_roles([AlertsRole(options)]))
