"""The metrics role: one store, and around it scraping, rules, the notifier and the doors.

Start: read and check every file, open the store (replaying its log), then begin to scrape, evaluate and answer. While
a long log is replayed the door is open already and says "not yet". Stop: the same in reverse, each part finishing what
it has begun, the store last.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import Self

from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.types import ASGIApp

from vedette.config.log import get_logger
from vedette.config.problems import ConfigError
from vedette.metrics.api import lifecycle, pages
from vedette.metrics.api.cors import Cors
from vedette.metrics.api.late import LateRoutes, under
from vedette.metrics.loaded import Loaded, load
from vedette.metrics.observed import ConfigMetrics
from vedette.metrics.options import MetricsOptions
from vedette.metrics.running import Running, open_store
from vedette.web.app import create_app
from vedette.web.prompt import PromptApp, PromptDoors
from vedette.web.role import Listen
from vedette.web.selfmetrics import RequestCounts, metrics_endpoint, new_registry

__all__ = ["MetricsOptions", "MetricsRole"]

log = get_logger("metrics")

# How long the start waits for the store before the door opens without it.
OPEN_PATIENCE_SECONDS = 3.0


class MetricsRole:
    name = "metrics"

    def __init__(self, options: MetricsOptions) -> None:
        self.options = options
        self.registry = new_registry("prometheus")
        self.config_metrics = ConfigMetrics(self.registry)
        self._late = LateRoutes()
        self._counts = RequestCounts(self.registry, "prometheus")
        self._prompt = PromptDoors(self._counts)
        self._running: Running | None = None
        self._loaded: Loaded | None = None
        self._opening: asyncio.Task[None] | None = None
        self._reloading = asyncio.Lock()
        self._app = PromptApp(self._make_app(), self._prompt)

    @property
    def listen(self) -> Listen:
        return self.options.listen

    @property
    def app(self) -> ASGIApp:
        return self._app

    def _make_app(self) -> ASGIApp:
        options, prefix = self.options, self.options.prefix
        doors = lifecycle.routes(
            is_ready=lambda: self._late.is_open,
            reload=self.reload,
            quit=lambda: os.kill(os.getpid(), signal.SIGTERM),
            enabled=options.enable_lifecycle,
        )
        always = under(prefix, [*doors, *pages.routes(options.ui_url, prefix)])
        return create_app(
            "prometheus",
            [
                *always,
                metrics_endpoint(self.registry, f"{self.options.prefix}/metrics"),
                Mount(prefix, app=self._late),
            ],
            registry=self.registry,
            counts=self._counts,
            middleware=[Middleware(Cors, origin=options.cors_origin)],
        )

    async def __aenter__(self) -> Self:
        """Raises `ConfigError` for files with faults and for a data directory that can't be used."""
        self._loaded = await asyncio.to_thread(load, self.options.config_file, features=self.options.features)
        self._opening = asyncio.create_task(self._open(self._loaded), name="metrics start")
        done, _ = await asyncio.wait([self._opening], timeout=OPEN_PATIENCE_SECONDS)
        if done:
            await self._opening
        else:
            self._opening.add_done_callback(_end_process_on_failure)
        return self

    async def _open(self, loaded: Loaded) -> None:
        store = await asyncio.to_thread(open_store, self.options, loaded.config, self.registry)
        running = Running(self.options, store, self.registry, self.config_metrics)
        try:
            await running.start(self._loaded or loaded)
        except BaseException:
            await running.stop()
            raise
        self._running = running
        self._late.open(running.doors())
        self._prompt.open(running.prompt_doors())
        self.config_metrics.reloaded(ok=True)
        self.config_metrics.ready.set(1)
        log.info("ready for requests", config=self.options.config_file, data=self.options.data_dir)

    async def __aexit__(self, *exc: object) -> None:
        self.config_metrics.ready.set(0)
        self._late.close()
        self._prompt.close()
        if self._opening is not None:
            # The store is opened in a thread, which can't be stopped half way.
            with contextlib.suppress(Exception):
                await self._opening
        if self._running is not None:
            await self._running.stop()

    async def reload(self) -> None:
        """Reads every file again. Raises `ConfigError`; the old configuration goes on then."""
        async with self._reloading:
            try:
                loaded = await asyncio.to_thread(
                    load, self.options.config_file, features=self.options.features
                )
            except ConfigError:
                self.config_metrics.reloaded(ok=False)
                raise
            self._loaded = loaded
            if self._running is not None and self._late.is_open:
                await self._running.apply(loaded)
            self.config_metrics.reloaded(ok=True)


def _end_process_on_failure(opening: asyncio.Task[None]) -> None:
    if opening.cancelled() or opening.exception() is None:
        return
    log.error("the metrics role can't start", error=opening.exception())
    os.kill(os.getpid(), signal.SIGTERM)
