"""One scrape of one server: every collector's rows on the event loop, then the page in a worker thread."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from vedette.config.log import get_logger
from vedette.exporters.collector import NoData, SelfReport
from vedette.exporters.page import Family, Page
from vedette.exporters.postgres.collector import Choices, Collector, Rows, Server
from vedette.exporters.postgres.connection import KeptConnection
from vedette.exporters.postgres.registry import COLLECTORS
from vedette.exporters.postgres.source import Source

UP = Family(
    "pg_up",
    "gauge",
    "Whether the last scrape of metrics from PostgreSQL was able to connect to the server (1 for yes, 0 for no).",
)
LAST_ERROR = Family(
    "pg_exporter_last_scrape_error",
    "gauge",
    "Whether the last scrape of metrics from PostgreSQL resulted in an error (1 for error, 0 for success).",
)
LAST_DURATION = Family(
    "pg_exporter_last_scrape_duration_seconds",
    "gauge",
    "Duration of the last scrape of metrics from PostgreSQL.",
)
SCRAPES = Family(
    "pg_exporter_scrapes_total", "counter", "Total number of times PostgreSQL was scraped for metrics."
)
STATIC = Family(
    "pg_static",
    "untyped",
    "Version string as reported by postgres",
    ("server", "short_version", "version"),
)

log = get_logger("exporters.postgres")


@dataclass
class Reading:
    """What a scrape has brought so far; a scrape that runs out of time is described as far as it came."""

    server: Server | None = None
    rows: dict[str, Rows] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)  # for a reason other than having no data


class PostgresScraper:
    """Scrapes one server, one scrape after the other."""

    def __init__(
        self, source: Source, *, collectors: Sequence[str], choices: Choices, timeout_s: float
    ) -> None:
        self._source = source
        self._collectors: list[Collector] = [COLLECTORS[name] for name in collectors]
        self._connection = KeptConnection(source, choices, timeout_s=timeout_s)
        self._report = SelfReport("pg", "postgres_exporter")
        self._timeout_s = timeout_s
        self._busy = asyncio.Lock()
        self._scrapes = 0
        self._complaints: dict[str, str] = {}

    async def scrape(self, timeout_s: float | None = None) -> bytes:
        """The page. Never raises: a server that can't be reached is ``pg_up 0``."""
        async with self._busy:
            self._scrapes += 1
            started = time.perf_counter()
            reading = Reading()
            await self._read_in_time(reading, min(self._timeout_s, timeout_s or self._timeout_s))
            return await asyncio.to_thread(self._describe, reading, started)

    async def close(self) -> None:
        await self._connection.close()

    async def _read_in_time(self, reading: Reading, timeout_s: float) -> None:
        task = asyncio.create_task(self._read(reading))
        try:
            done, _ = await asyncio.wait({task}, timeout=timeout_s)
        except asyncio.CancelledError:
            self._connection.abort()
            task.cancel()
            raise
        if not done:
            self._complain("", f"no answer within {timeout_s:g} s")
            if reading.server is None:
                task.cancel()
            self._connection.abort()
        await asyncio.wait({task}, timeout=1)
        if not done:
            reading.failed.update(c.name for c in self._collectors if c.name not in reading.rows)
            await self._connection.close()

    async def _read(self, reading: Reading) -> None:
        try:
            reading.server = await self._connection.server()
        except (psycopg.Error, OSError, UnicodeError) as error:  # the last for a host that can be no name
            self._complain("", _reason(error))
            return
        self._complaints.pop("", None)
        for collector in self._collectors:
            started = time.perf_counter()
            await self._read_one(collector, reading, reading.server)
            reading.seconds[collector.name] = time.perf_counter() - started
            if self._connection.broken:
                break

    async def _read_one(self, collector: Collector, reading: Reading, server: Server) -> None:
        name = collector.name
        try:
            reading.rows[name] = await self._connection.rows(collector.sql(server))
        except NoData as nothing:
            log.debug("collector has no data", collector=name, server=self._source, reason=nothing)
        except (psycopg.Error, OSError) as error:
            reading.failed.add(name)
            self._complain(name, _reason(error))
        else:
            self._complaints.pop(name, None)

    def _describe(self, reading: Reading, started: float) -> bytes:
        page = Page()
        server = reading.server
        for collector in self._collectors:
            rows = reading.rows.get(collector.name)
            begun = time.perf_counter()
            success = rows is not None and server is not None
            if success:
                success = self._describe_one(page, collector, reading)
            seconds = reading.seconds.get(collector.name, 0) + time.perf_counter() - begun
            self._report.add(page, collector.name, seconds, success)
        if server is not None:
            page.add(STATIC, 1, server.address, server.short_version, server.version_text)
        page.add(UP, int(server is not None))
        page.add(SCRAPES, self._scrapes)
        page.add(LAST_ERROR, int(server is None or bool(reading.failed)))
        page.add(LAST_DURATION, time.perf_counter() - started)
        return page.render()

    def _describe_one(self, page: Page, collector: Collector, reading: Reading) -> bool:
        assert reading.server is not None
        try:
            collector.describe(page, reading.rows[collector.name], reading.server)
        except (ValueError, TypeError) as error:  # a server that says what we don't understand
            reading.failed.add(collector.name)
            self._complain(collector.name, str(error))
            return False
        return True

    def _complain(self, name: str, reason: str) -> None:
        """Logs a trouble when it begins, not at every scrape while it lasts."""
        if self._complaints.get(name) != reason:
            self._complaints[name] = reason
            what = {"collector": name} if name else {}
            log.warning("scrape failed", server=self._source, **what, error=reason)


def _reason(error: Exception) -> str:
    """The first line of what the driver says. It never repeats a password."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
