"""``vedette exporter containers``: cAdvisor's metrics of control groups, containers and named processes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedette.cli.exporter import exporter
from vedette.cli.options import listen_address
from vedette.config.log import setup_logging


@exporter.command()
def containers(
    listen: Annotated[str, typer.Option("--web.listen-address", help="Address to listen on.")] = ":8080",
    listen_ip: Annotated[str, typer.Option("--listen_ip", help="As cAdvisor's flag.")] = "",
    port: Annotated[int, typer.Option("--port", help="As cAdvisor's flag.")] = 0,
    telemetry_path: Annotated[str, typer.Option("--prometheus_endpoint")] = "/metrics",
    docker_only: Annotated[
        bool, typer.Option("--docker_only", help="Leave out control groups that are no containers.")
    ] = False,
    docker: Annotated[str, typer.Option("--docker", help="Docker's socket.")] = "unix:///var/run/docker.sock",
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name", help="NAME=port:8000, NAME=pidfile:PATH, NAME=command:REGEX or NAME=cgroup:PATH."
        ),
    ] = None,
    log_level: Annotated[str, typer.Option("--log.level")] = "info",
    log_format: Annotated[str, typer.Option("--log.format")] = "logfmt",
) -> None:
    """Metrics of containers and control groups v2 (cAdvisor), and of processes that you name."""
    from vedette.config.problems import ConfigError
    from vedette.exporters.containers.service import ContainersExporter, ContainersOptions
    from vedette.web.role import run_roles

    setup_logging(log_level, log_format)
    names = {}
    for pair in name or ():
        key, separator, selector = pair.partition("=")
        if not separator:
            raise typer.BadParameter(f"--name {pair}: write NAME=port:8000")
        names[key] = selector
    address = listen_address(f"{listen_ip or '0.0.0.0'}:{port}" if port else listen)
    socket = Path(docker.removeprefix("unix://")) if docker.startswith(("unix://", "/")) else None
    options = ContainersOptions(
        listen=address,
        telemetry_path=telemetry_path,
        names=names,
        docker_only=docker_only,
        docker_socket=socket if socket and socket.exists() else None,
    )
    try:
        role = ContainersExporter(options)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None
    raise typer.Exit(run_roles([role]))
