"""Sending: batches become push requests, and files' positions move on once those have arrived.

A `Pusher` collects entries for one server until they are enough or old enough, and sends them with retries. What it
can't deliver now waits in a bounded queue; when that is full, reading stops, and the files themselves are the buffer.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import cramjam

from vedette import __version__
from vedette.client import HttpClient
from vedette.config.log import get_logger
from vedette.kernels.pushproto import encode_stream
from vedette.model.labels import Labels
from vedette.ship.config import ClientConfig
from vedette.ship.entries import Batch, Mark
from vedette.ship.metrics import ShipMetrics

log = get_logger("ship.push")

QUEUE_BATCHES = 64
LONGEST_BODY_TEXT = 1024


@dataclass(slots=True)
class Outgoing:
    """Entries on their way in one request, by label set."""

    streams: dict[tuple[tuple[str, str], ...], tuple[list[int], list[bytes]]] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    entries: int = 0
    size: int = 0
    since: float = field(default_factory=time.monotonic)

    def add(self, batch: Batch, external: dict[str, str]) -> None:
        self.marks += batch.marks
        if not batch.lines:
            return
        lines = [line.encode("utf-8", "replace") for line in batch.lines]
        self.entries += len(lines)
        self.size += sum(map(len, lines))
        first = batch.labels[0]
        if all(labels is first for labels in batch.labels):
            stamps, body = self._stream(first, external)
            stamps += batch.timestamps
            body += lines
            return
        keys: dict[int, tuple[list[int], list[bytes]]] = {}
        for labels, stamp, line in zip(batch.labels, batch.timestamps, lines, strict=True):
            stream = keys.get(id(labels))
            if stream is None:
                stream = keys[id(labels)] = self._stream(labels, external)
            stream[0].append(stamp)
            stream[1].append(line)

    def _stream(self, labels: dict[str, str], external: dict[str, str]) -> tuple[list[int], list[bytes]]:
        key = tuple(sorted({**external, **labels}.items()))
        return self.streams.setdefault(key, ([], []))

    def encode(self) -> bytes:
        """The request's body: snappy-compressed protobuf."""
        parts = [
            encode_stream(str(Labels(key)).encode(), array("q", stamps), lines)
            for key, (stamps, lines) in self.streams.items()
        ]
        return bytes(cramjam.snappy.compress_raw(b"".join(parts)))


class Pusher:
    """Sends to one server. `on_done` is called for every mark that this server is done with."""

    def __init__(
        self, config: ClientConfig, *, base_dir: Path, metrics: ShipMetrics, on_done: Callable[[Mark], None]
    ) -> None:
        self.config = config
        self.host = urlsplit(config.url).netloc.rpartition("@")[2]
        self.last_error = ""
        self._metrics = metrics
        self._on_done = on_done
        self._client = HttpClient(config, base_dir=base_dir, user_agent=f"vedette-ship/{__version__}")
        self._queue: asyncio.Queue[Batch | None] = asyncio.Queue(QUEUE_BATCHES)
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    async def start(self) -> None:
        await self._client.__aenter__()
        self._task = asyncio.create_task(self._run(), name=f"push to {self.host}")

    async def stop(self, grace_s: float) -> None:
        """Sends what is queued, for at most `grace_s`; what remains will be read again from its file."""
        if self._task is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace_s):
                    await self._queue.put(None)
                    await asyncio.shield(self._task)
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._client.__aexit__(None, None, None)

    async def put(self, batch: Batch) -> None:
        """Takes a batch; waits while the queue is full."""
        await self._queue.put(batch)

    async def _run(self) -> None:
        wait_s = self.config.batchwait / 1e9
        pending: Outgoing | None = None
        while True:
            batch: Batch | None = None
            ended = False
            try:
                timeout = None if pending is None else max(0.0, pending.since + wait_s - time.monotonic())
                async with asyncio.timeout(timeout):
                    batch = await self._queue.get()
                ended = batch is None
            except TimeoutError:
                pass
            if batch is not None:
                pending = pending or Outgoing()
                pending.add(batch, dict(self.config.external_labels))
            due = pending is not None and (
                ended or pending.size >= self.config.batchsize or time.monotonic() - pending.since >= wait_s
            )
            if due and pending is not None:
                await self._deliver(pending)
                pending = None
            if ended:
                return

    async def _deliver(self, out: Outgoing) -> None:
        if out.entries:
            body = await asyncio.to_thread(out.encode)
            self._metrics.encoded_bytes.labels(self.host).inc(len(body))
            await self._send(out, body)
        for mark in out.marks:
            self._on_done(mark)

    async def _send(self, out: Outgoing, body: bytes) -> None:
        """Until the server has taken or refused the request, or the retries are used up."""
        backoff = self.config.backoff_config
        pause = backoff.min_period / 1e9
        tries = 0
        while True:
            status, text = await self._post(body)
            if 200 <= status < 300:
                self.last_error = ""
                self._metrics.sent_entries.labels(self.host).inc(out.entries)
                self._metrics.sent_bytes.labels(self.host).inc(out.size)
                return
            self.last_error = f"{status}: {text}" if status else text
            limited = status == 429
            if (400 <= status < 500 and not limited) or (limited and self.config.drop_rate_limited_batches):
                self._dropped(out, "rate_limited" if limited else "ingester_error")
                return
            tries += 1
            if backoff.max_retries and tries >= backoff.max_retries:
                self._dropped(out, "rate_limited" if limited else "ingester_error")
                return
            log.warning(
                "sending failed, trying again", host=self.host, error=self.last_error, pause_s=round(pause, 2)
            )
            self._metrics.retries.labels(self.host, self.config.tenant_id).inc()
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            pause = min(pause * 2, backoff.max_period / 1e9)

    def _dropped(self, out: Outgoing, reason: str) -> None:
        log.error(
            "entries dropped", host=self.host, entries=out.entries, reason=reason, error=self.last_error
        )
        labels = (self.host, self.config.tenant_id, reason)
        self._metrics.dropped_entries.labels(*labels).inc(out.entries)
        self._metrics.dropped_bytes.labels(*labels).inc(out.size)

    async def _post(self, body: bytes) -> tuple[int, str]:
        """Status and text of the answer; status 0 when there was none."""
        headers = {"Content-Type": "application/x-protobuf", **self.config.headers}
        if self.config.tenant_id:
            headers["X-Scope-OrgID"] = self.config.tenant_id
        started = time.perf_counter()
        status, text = 0, ""
        try:
            async with self._client.request(
                "POST", self.config.url, data=body, headers=headers, timeout_s=self.config.timeout / 1e9
            ) as response:
                status = response.status
                if status >= 300:
                    text = (await response.content.read(LONGEST_BODY_TEXT)).decode("utf-8", "replace").strip()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            text = str(error) or type(error).__name__
        self._metrics.request_seconds.labels(str(status), self.host).observe(time.perf_counter() - started)
        return status, text


def shown_url(url: str) -> str:
    """`url` without its password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
