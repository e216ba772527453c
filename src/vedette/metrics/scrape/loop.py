"""The life of one target: fetch on schedule, store, report, and mark the end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar

from vedette.client import HttpClient
from vedette.config.log import get_logger
from vedette.metrics.config.scrape import ScrapeConfig
from vedette.metrics.contract import Storage, StorageError
from vedette.metrics.scrape.failures import FailureLog
from vedette.metrics.scrape.fetch import BodyTooLarge, Fetched, ScrapeError, fetch, request_headers, unpack
from vedette.metrics.scrape.media import syntax_of
from vedette.metrics.scrape.observed import ScrapeMetrics
from vedette.metrics.scrape.samples import Counts, PageFault, ReportSeries, ScrapeRules, TargetSamples
from vedette.metrics.scrape.series import SeriesRules
from vedette.metrics.scrape.target import Target
from vedette.model.time import format_duration

_log = get_logger("metrics.scrape")

# Timestamps that miss the schedule by no more than this are put on it: equal steps compress better.
TIMESTAMP_TOLERANCE_MS = 2

T = TypeVar("T")
Health = Literal["unknown", "up", "down"]


@dataclass(slots=True)
class TargetState:
    """How the last scrape went. Times are milliseconds since the epoch, durations seconds."""

    health: Health = "unknown"
    last_error: str = ""
    last_scrape: int = 0
    last_duration: float = 0.0


@dataclass(frozen=True, slots=True)
class Shared:
    """What all loops of a role use."""

    storage: Storage
    metrics: ScrapeMetrics
    executor: Executor
    seed: int


@dataclass
class ScrapeLoop:
    """Scrapes one target until stopped.

    `stop` ends it at once; `retire` also writes stale markers, once it is sure that no new loop of the same target has
    taken over.
    """

    target: Target
    config: ScrapeConfig
    client: HttpClient
    shared: Shared
    forced_error: str = ""
    failures: FailureLog | None = None
    state: TargetState = field(default_factory=TargetState)

    def __post_init__(self) -> None:
        config = self.config
        self._samples = TargetSamples(self.shared.storage, _rules(self.target, config), self.shared.metrics)
        self._report = ReportSeries(self.target.labels, extra=bool(config.extra_scrape_metrics))
        self._headers: Mapping[str, str] = request_headers(config, self.target.timeout)
        self._task: asyncio.Task[None] | None = None
        self._writing: asyncio.Future[Any] | None = None
        self._last = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"scrape {self.target.url}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._writing is not None:
            # The store may still be at work in its thread; what follows must not meet it there.
            await asyncio.wait([self._writing])

    def adopt(self, before: ScrapeLoop) -> None:
        """Goes on where a stopped loop of the same target, under another configuration, left off."""
        self.state = before.state
        self._samples.adopt(before._samples)

    async def retire(self) -> None:
        """Stops, waits until a successor would have scraped twice, and marks the series stale."""
        interval = self.target.interval
        await self.stop()
        if not self._last:
            return
        ended = self._last + interval
        await asyncio.sleep(max(0.0, (ended - _now()) / 1000 + interval / 1000 * 1.1))
        await self._in_thread(partial(self._write_end, ended))

    def metadata_lines(self) -> list[bytes]:
        """HELP, TYPE and UNIT lines of the last pages. From any thread."""
        return self._samples.metadata_lines()

    # --- the schedule ---

    async def _run(self) -> None:
        interval = self.target.interval
        aligned = self._first_time(_now())
        await asyncio.sleep((aligned - _now()) / 1000)
        while True:
            now = _now()
            while now - aligned >= interval:
                aligned += interval
            tolerance = min(interval / 100, TIMESTAMP_TOLERANCE_MS)
            at = aligned if 0 <= now - aligned <= tolerance else now
            try:
                await self._scrape(at)
            except StorageError as error:
                self._ended(at, 0.0, f"the store refuses: {error}")
                _log.error("Scrape could not be stored", target=self.target.url, err=error)
            except Exception as error:
                # One target is never the end of the role.
                self._ended(at, 0.0, f"internal error: {error!r}")
                _log.error("Scrape failed unexpectedly", target=self.target.url, err=repr(error))
            aligned += interval
            while aligned <= _now():
                aligned += interval
            await asyncio.sleep(max(0.0, (aligned - _now()) / 1000))

    def _first_time(self, now: int) -> int:
        interval = self.target.interval
        offset = self.target.offset(self.shared.seed)
        return now - (now % interval) + offset + (interval if now % interval > offset else 0)

    # --- one scrape ---

    async def _scrape(self, at: int) -> None:
        if self._last:
            self.shared.metrics.interval_length.observe(
                format_duration(self.target.interval), (at - self._last) / 1000
            )
        self._last = at
        started = time.perf_counter()
        fetched: Fetched | None = None
        error, size = self.forced_error, 0
        if not error:
            try:
                fetched = await fetch(
                    self.client, self.target, dict(self._headers), self.config.body_size_limit
                )
            except ScrapeError as failure:
                error = str(failure)
                if isinstance(failure, BodyTooLarge):
                    size = -1
                    self.shared.metrics.body_limit_exceeded()
        error = await self._in_thread(partial(self._write, fetched, at, started, error, size))
        self._ended(at, time.perf_counter() - started, error)
        if error:
            _log.debug("Scrape failed", target=self.target.url, err=error)
            if self.failures is not None:
                self.failures.write(self.target, error)

    def _ended(self, at: int, duration: float, error: str) -> None:
        self.state.health = "down" if error else "up"
        self.state.last_error = error
        self.state.last_scrape = at
        self.state.last_duration = duration

    async def _in_thread(self, call: Callable[[], T]) -> T:
        """Runs `call` in the executor. A cancelled caller leaves `_writing` behind, to be waited for."""
        writing = asyncio.get_running_loop().run_in_executor(self.shared.executor, call)
        self._writing = writing
        return await asyncio.shield(writing)

    def _write(self, fetched: Fetched | None, at: int, started: float, error: str, size: int) -> str:
        """Stores a page, or the end of one, and the report. Returns why the scrape failed, '' when it did not."""
        app = self.shared.storage.appender()
        counts = Counts()
        try:
            body = b""
            if fetched is not None:
                try:
                    body = unpack(fetched, self.config.body_size_limit)
                    size = len(body)
                    if body:
                        syntax = syntax_of(fetched.content_type, self.config.fallback_scrape_protocol)
                        self._samples.store(app, body, syntax, at, counts)
                except (ScrapeError, PageFault) as fault:
                    error = str(fault)
                    if isinstance(fault, BodyTooLarge):
                        size = -1
                        self.shared.metrics.body_limit_exceeded()
                    app.rollback()
                    app = self.shared.storage.appender()
            if error or not body:
                self._samples.store_nothing(app, at)
            self._report.write(
                app,
                at,
                [
                    0.0 if error else 1.0,
                    time.perf_counter() - started,
                    counts.total,
                    counts.added,
                    counts.new,
                    self.target.timeout / 1000,
                    self.config.sample_limit,
                    size,
                ],
            )
            app.commit()
        except BaseException:
            app.rollback()
            raise
        return error

    def _write_end(self, at: int) -> None:
        app = self.shared.storage.appender()
        try:
            self._samples.store_nothing(app, at)
            self._report.write_stale(app, at)
            app.commit()
        except StorageError:
            with contextlib.suppress(StorageError):
                app.rollback()


def _now() -> int:
    return time.time_ns() // 10**6


def _rules(target: Target, config: ScrapeConfig) -> ScrapeRules:
    return ScrapeRules(
        SeriesRules(
            target.labels,
            honor_labels=config.honor_labels,
            relabel=config.metric_relabel_configs,
            legacy_names=config.metric_name_validation_scheme == "legacy",
            label_limit=config.label_limit,
            label_name_length_limit=config.label_name_length_limit,
            label_value_length_limit=config.label_value_length_limit,
        ),
        honor_timestamps=config.honor_timestamps,
        track_timestamps_staleness=config.track_timestamps_staleness,
        sample_limit=config.sample_limit,
    )
