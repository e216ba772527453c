"""The logs role: wires the store, the ingester and the door."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from starlette.types import ASGIApp

from vedette.config.log import get_logger
from vedette.logs.api.context import Context
from vedette.logs.api.metrics import LogsMetrics
from vedette.logs.api.routes import routes
from vedette.logs.config import LogsConfig, load_config
from vedette.logs.ingest import Ingester
from vedette.logs.store.retention import RetentionLoop
from vedette.logs.store.store import LogStore
from vedette.logs.tailing import Tails
from vedette.web.app import create_app
from vedette.web.errors import plain_error
from vedette.web.role import Listen
from vedette.web.selfmetrics import new_registry

log = get_logger("logs")


@dataclass(frozen=True, slots=True)
class LogsOptions:
    """`config_file` None takes the defaults; `data_dir` overrides the file's paths, `listen` its address."""

    config_file: Path | None = None
    data_dir: Path | None = None
    listen: Listen | None = None
    # Nanoseconds; when given, wins over the file's retention_period and switches deletion on.
    retention: int = 0
    clock: Callable[[], int] = time.time_ns


class LogsRole:
    """Stands for Loki. Raises `ConfigError` on construction for a file with faults."""

    name = "logs"

    def __init__(self, options: LogsOptions) -> None:
        self._options = options
        config = self._load()
        for problem in config.warnings:
            log.warning("configuration", problem=problem)
        self.listen = options.listen or Listen(config.listen_host or "0.0.0.0", config.listen_port)
        self._registry = new_registry("loki")
        self._store = LogStore(config.store)
        self._metrics = LogsMetrics(self._registry)
        tails = Tails()
        ingester = Ingester(self._store, config.push_limits, tails, self._metrics, options.clock)
        self._context = Context(config, self._store, ingester, tails, self._metrics, options.clock)
        self._retention = RetentionLoop(
            self._store, lambda: self._context.config.retention, config.sweep_interval_s, options.clock
        )
        self.app: ASGIApp = create_app(
            "loki", routes(self._context), registry=self._registry, on_error=plain_error
        )

    def _load(self) -> LogsConfig:
        config = load_config(self._options.config_file, self._options.data_dir)
        if self._options.retention:
            policy = replace(config.retention, enabled=True, period_ns=self._options.retention)
            config = replace(config, retention=policy)
        return config

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._store.open)
        self._metrics.watch(self._store.figures)
        self._retention.start()
        self._context.ready = True
        return self

    async def __aexit__(self, *exc: Any) -> None:
        self._context.ready = False
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._retention.stop()
        self._context.close()
        self._store.close()

    async def reload(self) -> None:
        """Takes over limits and retention; paths and the address need a restart. Raises `ConfigError`."""
        config = await asyncio.to_thread(self._load)
        if config.store != self._context.config.store:
            log.warning("paths and block settings change only with a restart")
        self._context.config = replace(config, store=self._context.config.store)
        self._context.ingester.set_limits(config.push_limits)
