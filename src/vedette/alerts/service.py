"""The alerts role: takes alerts from their senders and tells the right people, once."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.types import ASGIApp

from vedette import __version__
from vedette.alerts.alert import Alert
from vedette.alerts.api.app import build_app
from vedette.alerts.api.general import COMPATIBLE
from vedette.alerts.clock import MILLISECOND_NS, SECOND_NS, Clock, SystemClock
from vedette.alerts.config import load_config
from vedette.alerts.metrics import AlertsMetrics
from vedette.alerts.notification_log import NotificationLog
from vedette.alerts.running import Running, Shared
from vedette.alerts.silences import Silences
from vedette.alerts.state import StateFile
from vedette.alerts.status import AlertStatuses
from vedette.alerts.store import AlertStore
from vedette.config.log import get_logger
from vedette.config.problems import ConfigError
from vedette.model.time import HOUR, MINUTE, SECOND
from vedette.web.role import Listen
from vedette.web.selfmetrics import new_registry

log = get_logger("alerts")

STATE_FILE = "alerts.db"


@dataclass(frozen=True, slots=True)
class AlertsOptions:
    """Durations are milliseconds. Empty `external_url`: this machine's name and the port."""

    config_file: Path
    data_dir: Path
    listen: Listen = field(default_factory=lambda: Listen("127.0.0.1", 9093))
    external_url: str = ""
    route_prefix: str = ""
    ui_url: str = ""  # the dashboards role, where people see alerts and silences
    retention: int = 120 * HOUR
    history_retention: int = 90 * 24 * HOUR
    maintenance_interval: int = 15 * MINUTE
    alerts_gc_interval: int = 30 * MINUTE
    dispatch_maintenance_interval: int = 30 * SECOND
    start_delay: int = 0
    max_silences: int = 0
    max_silence_size_bytes: int = 0


class AlertsRole:
    """A `vedette.web.role.Role`. `clock` is for tests."""

    name = "alerts"

    def __init__(self, options: AlertsOptions, *, clock: Clock | None = None) -> None:
        self.options = options
        self.clock = clock or SystemClock()
        self.registry = new_registry("alertmanager")
        self.metrics = AlertsMetrics(self.registry)
        self.store = AlertStore()
        self.started_at = self.clock.now()
        self._app = build_app(self)
        self._background: list[asyncio.Task[None]] = []
        self._reloading = asyncio.Lock()
        self._running: Running | None = None
        self._shared: Shared | None = None

    @property
    def listen(self) -> Listen:
        return self.options.listen

    @property
    def app(self) -> ASGIApp:
        return self._app

    @property
    def running(self) -> Running:
        assert self._running is not None, "the role is not entered"
        return self._running

    @property
    def shared(self) -> Shared:
        assert self._shared is not None, "the role is not entered"
        return self._shared

    @property
    def statuses(self) -> AlertStatuses:
        return AlertStatuses(self.running.inhibitor, self.shared.silences)

    @property
    def external_url(self) -> str:
        given = self.options.external_url.rstrip("/")
        if given:
            return given
        host, port = self.listen.host, self.listen.port
        shown = socket.gethostname() if host in ("", "0.0.0.0", "::") else host
        return f"http://{Listen(shown, port)}"

    async def __aenter__(self) -> Self:
        state = StateFile(self.options.data_dir / STATE_FILE)
        try:
            self._shared = self._share(state)
            await self._start(delay=self.options.start_delay)
        except BaseException:
            state.close()
            raise
        self.store.subscribe(self._hear)
        self.metrics.watch(self._alert_counts, lambda: self.shared.silences.counts(self.clock.now()))
        every = (
            (self.options.dispatch_maintenance_interval, self._maintain_groups),
            (self.options.alerts_gc_interval, self._forget_alerts),
            (self.options.maintenance_interval, self._forget_state),
        )
        for interval, work in every:
            self._background.append(asyncio.create_task(self._repeat(interval, work)))
        return self

    def _share(self, state: StateFile) -> Shared:
        retention = self.options.retention * MILLISECOND_NS
        return Shared(
            clock=self.clock,
            store=self.store,
            state=state,
            silences=Silences(
                state,
                self.clock,
                retention=retention,
                max_silences=self.options.max_silences,
                max_size_bytes=self.options.max_silence_size_bytes,
            ),
            log=NotificationLog(state),
            metrics=self.metrics,
            external_url=self.external_url,
            user_agent=f"Alertmanager/{COMPATIBLE} Vedette/{__version__}",
            retention=retention,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._background.clear()
        if self._running is not None:
            await self._running.__aexit__(None, None, None)
            self._running = None
        self.shared.state.close()

    async def reload(self) -> None:
        """Raises `ConfigError`; the old configuration keeps running then."""
        async with self._reloading:
            try:
                await self._start(delay=0)
            except ConfigError:
                self.metrics.reload_ok.set(0)
                raise

    async def _start(self, *, delay: int) -> None:
        """The configuration as it stands in the file, in place of the one at work."""
        config = load_config(self.options.config_file)
        fresh = Running(config, self.shared, start_delay=delay * MILLISECOND_NS)
        # The old one stops first: two that flush the same group at once would tell it twice.
        if self._running is not None:
            await self._running.__aexit__(None, None, None)
        self._running = await fresh.__aenter__()
        self.metrics.reload_ok.set(1)
        self.metrics.reload_at.set(self.clock.now() / SECOND_NS)
        self.metrics.config_hash.set(zlib.crc32(config.document.text.encode()))

    def _hear(self, alert: Alert) -> None:
        running = self.running
        running.inhibitor.hear(alert)
        running.dispatcher.hear(alert)

    async def _repeat(self, interval: int, work: object) -> None:
        assert callable(work)
        while True:
            await self.clock.sleep_until(self.clock.now() + interval * MILLISECOND_NS)
            with contextlib.suppress(asyncio.CancelledError):
                try:
                    work()
                except Exception as error:
                    log.error("maintenance failed", exc_info=error)

    def _alert_counts(self) -> Counter[str]:
        now, statuses = self.clock.now(), self.statuses
        return Counter(statuses.of(alert, now).state for alert in self.store.pending(now))

    def _maintain_groups(self) -> None:
        self.running.dispatcher.drop_empty()

    def _forget_alerts(self) -> None:
        self.running.inhibitor.forget(self.store.forget_resolved(self.clock.now()))

    def _forget_state(self) -> None:
        now = self.clock.now()
        self.shared.silences.forget_old(now)
        self.shared.log.forget_old(now)
        history_since = now - self.options.history_retention * MILLISECOND_NS
        self.shared.state.drop_gone(now, history_since=history_since)
