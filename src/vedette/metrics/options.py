"""What the metrics role is started with: the original's flags under Python's names."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from vedette.model.time import HOUR, MINUTE
from vedette.web.role import Listen

DEFAULT_PORT = 9090


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsOptions:
    """Durations are milliseconds, sizes bytes."""

    config_file: Path = Path("prometheus.yml")
    data_dir: Path = Path("data")
    listen: Listen = field(default_factory=lambda: Listen("0.0.0.0", DEFAULT_PORT))
    # How others reach this server; alerts link there.
    external_url: str = ""
    route_prefix: str = ""
    # Where graphs are drawn: the dashboards role.
    ui_url: str = ""
    cors_origin: str = ".*"
    enable_lifecycle: bool = False
    enable_admin_api: bool = False
    enable_remote_write_receiver: bool = False
    # None: as the configuration file says, else 15 days and no limit of size.
    retention_ms: int | None = None
    retention_bytes: int | None = None
    min_block: int = 2 * HOUR
    max_block: int = 0
    wal_compression: bool = True
    lock_file: bool = True
    lookback: int = 5 * MINUTE
    query_timeout: int = 2 * MINUTE
    query_concurrency: int = 20
    query_max_samples: int = 50_000_000
    # Queries that take this long are logged; 0: none.
    slow_query_ms: int = 5_000
    alert_outage_tolerance: int = HOUR
    alert_grace_period: int = 10 * MINUTE
    alert_resend_delay: int = MINUTE
    notification_queue: int = 10_000
    notification_batch: int = 256
    features: frozenset[str] = frozenset()
    # As given on the command line, for /api/v1/status/flags.
    flags: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """`external_url` without a slash at its end, or one made from this machine's name."""
        if self.external_url:
            return self.external_url.rstrip("/")
        return f"http://{socket.gethostname()}:{self.listen.port}"

    @property
    def prefix(self) -> str:
        """What every path begins with, without a slash at its end."""
        given = self.route_prefix or urlsplit(self.external_url).path
        return f"/{given.strip('/')}".rstrip("/")
