"""`vedette dashboards`: the web UI and the Grafana-shaped API, alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.main import app


@app.command()
def dashboards(
    dashboard_dirs: Annotated[
        list[Path] | None,
        typer.Option(
            "--dashboards", metavar="DIR", help="A directory of Grafana dashboard JSON; repeatable."
        ),
    ] = None,
    provisioning: Annotated[
        Path | None,
        typer.Option("--provisioning", metavar="DIR", help="Grafana's provisioning directory."),
    ] = None,
    data_dir: Annotated[Path, typer.Option("--data", help="Where saved dashboards are kept.")] = Path("data"),
    listen_address: Annotated[
        str, typer.Option("--web.listen-address", help="Where to listen.")
    ] = "127.0.0.1:3000",
    metrics_url: Annotated[str, typer.Option(help="The Prometheus API.")] = "http://127.0.0.1:9090",
    logs_url: Annotated[str, typer.Option(help="The Loki API.")] = "http://127.0.0.1:3100",
    alerts_url: Annotated[str, typer.Option(help="The Alertmanager API.")] = "http://127.0.0.1:9093",
    ship_url: Annotated[str, typer.Option(help="The log shipper; empty when there is none.")] = "",
    log_level: Annotated[str, typer.Option("--log.level")] = "info",
) -> None:
    """Serve the web UI and dashboards (Grafana's port 3000)."""
    from vedette.config.log import setup_logging
    from vedette.config.problems import ConfigError
    from vedette.dashboards.service import DashboardsOptions, DashboardsRole
    from vedette.web.role import Listen, run_roles

    setup_logging(log_level)
    try:
        options = DashboardsOptions(
            data_dir=data_dir,
            dashboard_dirs=tuple(dashboard_dirs or ()),
            provisioning_dir=provisioning,
            listen=Listen.parse(listen_address),
            metrics_url=metrics_url,
            logs_url=logs_url,
            alerts_url=alerts_url,
            other_roles={"ship": ship_url} if ship_url else {},
        )
        role = DashboardsRole(options)
    except (ConfigError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(run_roles([role]))
