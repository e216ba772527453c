"""One scrape of one server: questions on the event loop, then the page in a worker thread."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from vedette.config.log import get_logger
from vedette.exporters.page import Family, Page
from vedette.exporters.redis.address import Address
from vedette.exporters.redis.collectors import (
    cluster,
    commands,
    config,
    info,
    keyspace,
    replication,
    slowness,
)
from vedette.exporters.redis.connection import KeptConnection, ScrapeFailed
from vedette.exporters.redis.fields import plain
from vedette.exporters.redis.reply import Reply, parse_info

UP = Family("redis_up", "gauge", "Information about the Redis instance")
LAST_ERROR = Family("redis_exporter_last_scrape_error", "gauge", "The last scrape error status.", ("err",))
CONNECT_TIME = plain("exporter_last_scrape_connect_time_seconds")
LAST_DURATION = plain("exporter_last_scrape_duration_seconds")
DURATION = Family("redis_exporter_scrape_duration_seconds", "summary", "Durations of scrapes by the exporter")
SCRAPES = Family("redis_exporter_scrapes_total", "counter", "Current total redis scrapes.")

log = get_logger("exporters.redis")


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What to ask for, under the original's flag names."""

    config_metrics: bool = False  # every setting as redis_config_value and redis_config_key_value
    config_command: str = "CONFIG"  # renamed on some servers; "-" asks for none
    latency_histograms: bool = True
    system_metrics: bool = False
    client_name: str | None = "redis_exporter"


class RedisScraper:
    """Scrapes one server, one scrape after the other."""

    def __init__(self, address: Address, *, choices: Choices, timeout_s: float) -> None:
        self._address = address
        self._choices = choices
        self._timeout_s = timeout_s
        self._connection = KeptConnection(address, timeout_s=timeout_s, client_name=choices.client_name)
        self._busy = asyncio.Lock()
        self._scrapes = 0
        self._seconds = 0.0
        self._complaint = ""

    async def scrape(self, timeout_s: float | None = None) -> bytes:
        """The page. Never raises: a server that can't be reached is ``redis_up 0``."""
        async with self._busy:
            started = time.perf_counter()
            reply, error = Reply(), ""
            try:
                async with asyncio.timeout(min(self._timeout_s, timeout_s or self._timeout_s)):
                    await self._connection.open()
                    await self._read(reply)
            except TimeoutError:
                error = "timeout"
                await self._connection.close()
            except ScrapeFailed as failure:
                error = str(failure)
            self._complain(error)
            return await asyncio.to_thread(self._describe, reply, error, started)

    async def close(self) -> None:
        await self._connection.close()

    async def _read(self, reply: Reply) -> None:
        ask, choices = self._connection.ask, self._choices
        text = await ask("INFO", "ALL")
        if text is None:
            raise ScrapeFailed("INFO is not allowed")
        reply.info = parse_info(text)
        if choices.config_command != "-":
            pairs = await ask(choices.config_command, "GET", "*")
            if pairs is not None:
                reply.config = dict(zip(pairs[::2], pairs[1::2], strict=False))
        if choices.latency_histograms:
            reply.latency_histogram = await ask("LATENCY", "HISTOGRAM")
        reply.latency_latest = await ask("LATENCY", "LATEST")
        reply.slowlog_length = await ask("SLOWLOG", "LEN")
        reply.slowlog_last = await ask("SLOWLOG", "GET", "1")
        if reply.config is not None and "commandlog-slow-execution-max-len" in reply.config:
            for kind in slowness.COMMANDLOG:
                length = await ask("COMMANDLOG", "LEN", kind)
                if length is not None:
                    reply.commandlog[kind] = int(length)
        if reply.info.get("cluster_enabled") == "1":
            reply.cluster = parse_info(await ask("CLUSTER", "INFO") or "")

    def _describe(self, reply: Reply, error: str, started: float) -> bytes:
        page = Page()
        if not error:
            try:
                info.describe(page, reply, self._choices.system_metrics)
                keyspace.describe(page, reply)
                commands.describe(page, reply)
                replication.describe(page, reply)
                config.describe(page, reply, self._choices.config_metrics)
                slowness.describe(page, reply)
                cluster.describe(page, reply)
            except (ValueError, TypeError, IndexError) as misunderstood:
                page, error = Page(), "unexpected reply"
                log.warning("reply not understood", server=self._address, error=misunderstood)
        seconds = time.perf_counter() - started
        self._scrapes += 1
        self._seconds += seconds
        page.add(UP, int(not error))
        page.add(LAST_ERROR, int(bool(error)), error)
        page.add(CONNECT_TIME, self._connection.connect_seconds)
        page.add(LAST_DURATION, seconds)
        page.add(SCRAPES, self._scrapes)
        page.summary(DURATION, {}, self._scrapes, self._seconds)
        return page.render()

    def _complain(self, error: str) -> None:
        """Logs a trouble when it begins, not at every scrape while it lasts."""
        if error and error != self._complaint:
            log.warning("scrape failed", server=self._address, error=error)
        self._complaint = error
