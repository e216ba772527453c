"""``vedette.yml``: the one optional file of ours in a project. Every key has a default that fits the guide."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator

from vedette.config.model import Secret, Strict

# A role, and the port of the system it stands for.
DEFAULT_PORTS: Mapping[str, int] = {
    "metrics": 9090,
    "alerts": 9093,
    "logs": 3100,
    "ship": 9080,
    "dashboards": 3000,
    "node": 9100,
    "postgres": 9187,
    "redis": 9121,
    "containers": 8080,
}
# The demo's own doors.
DEMO_PORTS: Mapping[str, int] = {
    "api": 8000,
    "inbox": 8025,
    "inbox-smtp": 8026,
    "database": 5433,
    "cache": 6380,
}

# Host names of the guide, and the role or demo part that answers to each.
GUIDE_HOSTS: Mapping[str, str] = {
    "prometheus": "metrics",
    "alertmanager": "alerts",
    "loki": "logs",
    "promtail": "ship",
    "grafana": "dashboards",
    "node-exporter": "node",
    "postgres-exporter": "postgres",
    "redis-exporter": "redis",
    "cadvisor": "containers",
    "api": "api",
}


def split_address(text: str, default_port: int) -> tuple[str, int]:
    """``host:port``, ``:port``, ``host`` or ``port`` as a pair. Raises `ValueError`."""
    host, _, port = text.rpartition(":")
    if not host and not port.isdigit():
        return text, default_port
    if not port.isdigit() or int(port) > 65535:
        raise ValueError(f'"{text}" is no address; write host:port, such as 127.0.0.1:{default_port or 9090}')
    if not host:
        host = "0.0.0.0" if text.startswith(":") else "127.0.0.1"
    return host.strip("[]"), int(port)


class PostgresConnection(Strict):
    dsn: Secret = Secret("")


class RedisConnection(Strict):
    address: str = ""
    password: Secret = Secret("")


class VedetteFile(Strict):
    """The model of ``vedette.yml``."""

    data_dir: str = ""
    roles: Mapping[str, bool] = Field(default_factory=dict)
    listen: Mapping[str, str] = Field(default_factory=dict)
    postgres: PostgresConnection = PostgresConnection()
    redis: RedisConnection = RedisConnection()
    host_aliases: Mapping[str, str] = Field(default_factory=dict)
    path_aliases: Mapping[str, str] = Field(default_factory=dict)
    container_names: Mapping[str, str] = Field(default_factory=dict)

    @field_validator("roles", "listen")
    @classmethod
    def _known_roles(cls, value: Mapping[str, object]) -> Mapping[str, object]:
        known = {**DEFAULT_PORTS, **DEMO_PORTS}
        for name in value:
            if name not in known:
                raise ValueError(f'"{name}" is no role; one of: {", ".join(known)}')
        return value

    @field_validator("listen")
    @classmethod
    def _addresses(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for name, text in value.items():
            try:
                split_address(text, {**DEFAULT_PORTS, **DEMO_PORTS}[name])
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return value

    def enabled(self, role: str) -> bool:
        return self.roles.get(role, True)

    def address(self, role: str) -> tuple[str, int]:
        """Where a role or a demo part listens."""
        default = {**DEFAULT_PORTS, **DEMO_PORTS}[role]
        given = self.listen.get(role)
        return split_address(given, default) if given else ("127.0.0.1", default)

    def door(self, role: str) -> str:
        """The address at which this machine reaches a role: ``host:port``."""
        host, port = self.address(role)
        return f"{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"

    def all_host_aliases(self) -> dict[str, str]:
        """The guide's names, then what the file adds; a name that the file gives wins."""
        aliases = {name: self.door(role) for name, role in GUIDE_HOSTS.items()}
        for role, port in DEFAULT_PORTS.items():
            if self.door(role) != f"127.0.0.1:{port}":
                aliases[f"localhost:{port}"] = self.door(role)
        return aliases | dict(self.host_aliases)
