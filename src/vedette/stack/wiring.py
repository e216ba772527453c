"""From a project to running roles: the only place that knows every role's options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from vedette.stack.project import ALERTMANAGER, DASHBOARDS, LOKI, PROMETHEUS, PROMTAIL, Project
from vedette.web.role import Listen, Role

# In the order in which they are started: what stores before what sends.
HEAVY: tuple[str, ...] = ("metrics", "logs")
LIGHT: tuple[str, ...] = ("alerts", "dashboards", "node", "postgres", "redis", "containers", "ship")

# Where each role says whether it is ready, and what it stands for.
READY_PATHS: Mapping[str, str] = {
    "metrics": "/-/ready",
    "alerts": "/-/ready",
    "logs": "/ready",
    "dashboards": "/api/health",
    "ship": "/targets",
    "node": "/",
    "postgres": "/",
    "redis": "/",
    "containers": "/",
}
STANDS_FOR: Mapping[str, str] = {
    "metrics": "Prometheus",
    "alerts": "Alertmanager",
    "logs": "Loki",
    "dashboards": "Grafana",
    "ship": "Promtail",
    "node": "node_exporter",
    "postgres": "postgres_exporter",
    "redis": "redis_exporter",
    "containers": "cAdvisor",
}
NEEDS_FILE: Mapping[str, str] = {
    "metrics": PROMETHEUS,
    "alerts": ALERTMANAGER,
    "logs": LOKI,
    "ship": PROMTAIL,
}


def roles_of(project: Project) -> list[str]:
    """The roles that this project runs: switched on, and with their file present."""
    return [
        role
        for role in (*HEAVY, *LIGHT)
        if project.settings.enabled(role) and (role not in NEEDS_FILE or project.has(NEEDS_FILE[role]))
    ]


def build_role(name: str, project: Project) -> Role:
    """The role `name` with the options that `project` gives it. Raises `ConfigError`."""
    return _BUILDERS[name](project)


def _listen(project: Project, role: str) -> Listen:
    host, port = project.settings.address(role)
    return Listen(host, port)


def _url(project: Project, role: str) -> str:
    return f"http://{project.settings.door(role)}"


def _metrics(project: Project) -> Role:
    from vedette.metrics.service import MetricsOptions, MetricsRole

    return MetricsRole(
        MetricsOptions(
            config_file=project.file(PROMETHEUS),
            data_dir=project.data_dir / "metrics",
            listen=_listen(project, "metrics"),
            # In the links of alerts: an address that can be reached, not the name of this machine.
            external_url=_url(project, "metrics"),
            retention_ms=project.retention.prometheus_retention or None,
            enable_lifecycle=True,
            enable_remote_write_receiver=True,
            ui_url=_url(project, "dashboards") if project.settings.enabled("dashboards") else "",
        )
    )


def _alerts(project: Project) -> Role:
    from vedette.alerts.service import AlertsOptions, AlertsRole

    return AlertsRole(
        AlertsOptions(
            config_file=project.file(ALERTMANAGER),
            data_dir=project.data_dir / "alerts",
            listen=_listen(project, "alerts"),
            ui_url=_url(project, "dashboards") if project.settings.enabled("dashboards") else "",
        )
    )


def _logs(project: Project) -> Role:
    from vedette.logs.service import LogsOptions, LogsRole

    return LogsRole(
        LogsOptions(
            config_file=project.file(LOKI),
            data_dir=project.data_dir / "logs",
            listen=_listen(project, "logs"),
            retention=project.retention.loki_retention * 10**6,
        )
    )


def _ship(project: Project) -> Role:
    from vedette.ship.service import ShipOptions, ShipRole

    # Lines that the logs role does not take at the end are read again at the next start.
    return ShipRole(ShipOptions(project.file(PROMTAIL), _listen(project, "ship"), stop_grace_s=1.0))


def _dashboards(project: Project) -> Role:
    from vedette.dashboards.service import DashboardsOptions, DashboardsRole

    others = {
        role: _url(project, role) for role in roles_of(project) if role not in ("metrics", "logs", "alerts")
    }
    others.pop("dashboards", None)
    provisioning = project.file("provisioning")
    return DashboardsRole(
        DashboardsOptions(
            data_dir=project.data_dir / "dashboards",
            dashboard_dirs=(project.file(DASHBOARDS),) if project.has(DASHBOARDS) else (),
            provisioning_dir=provisioning if provisioning.is_dir() else None,
            listen=_listen(project, "dashboards"),
            metrics_url=_url(project, "metrics"),
            logs_url=_url(project, "logs"),
            alerts_url=_url(project, "alerts"),
            other_roles=others,
        )
    )


def _node(project: Project) -> Role:
    from vedette.exporters.node.service import NodeExporter, NodeOptions

    return NodeExporter(NodeOptions(listen=_listen(project, "node")))


def _postgres(project: Project) -> Role:
    from vedette.exporters.postgres.service import PostgresExporter, PostgresOptions

    # Without one, the exporter reads DATA_SOURCE_NAME and its sisters itself.
    source = project.settings.postgres.dsn.reveal()
    return PostgresExporter(PostgresOptions(listen=_listen(project, "postgres"), source=source))


def _redis(project: Project) -> Role:
    from vedette.exporters.redis.service import RedisExporter, RedisOptions

    settings = project.settings.redis
    # What is empty here, the exporter looks up in REDIS_ADDR and REDIS_PASSWORD.
    return RedisExporter(
        RedisOptions(
            listen=_listen(project, "redis"),
            address=settings.address,
            password=settings.password.reveal(),
        )
    )


def _containers(project: Project) -> Role:
    from vedette.exporters.containers.service import ContainersExporter, ContainersOptions

    return ContainersExporter(
        ContainersOptions(listen=_listen(project, "containers"), names=container_names(project))
    )


_BUILDERS: Mapping[str, Callable[[Project], Role]] = {
    "metrics": _metrics,
    "alerts": _alerts,
    "logs": _logs,
    "ship": _ship,
    "dashboards": _dashboards,
    "node": _node,
    "postgres": _postgres,
    "redis": _redis,
    "containers": _containers,
}


def container_names(project: Project) -> dict[str, str]:
    """What is shown as a container though it is none: the guide's API under the guide's name, and what the file says."""
    _, port = project.settings.address("api")
    return {"automation-orchestrator-api": f"port:{port}"} | dict(project.settings.container_names)


def data_dirs(project: Project) -> list[Path]:
    """Folders that must exist before anything starts."""
    return [project.data_dir / name for name in ("log", "app-logs", "loki", *HEAVY)]
