"""A running metrics role that holds some made-up series, for tests that ask it from outside."""

from __future__ import annotations

import asyncio
import math
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import cramjam

from support import prompb
from vedette.metrics.service import MetricsOptions, MetricsRole
from vedette.web.role import Listen, WebServer

STEP_S = 15
POINTS = 40
BOUNDS = ("0.1", "0.5", "1", "+Inf")

Pushed = list[tuple[list[tuple[str, str]], list[tuple[int, float]]]]


@dataclass(frozen=True)
class MetricsServer:
    url: str
    start_s: int
    end_s: int  # the time of the newest samples


def made_up(start_s: int) -> Pushed:
    """Counters by endpoint and status, a wave, a series with a gap, wide and wild labels, and a classic histogram."""
    times = [start_s + i * STEP_S for i in range(POINTS)]

    def series(
        name: str, values: list[float], **labels: str
    ) -> tuple[list[tuple[str, str]], list[tuple[int, float]]]:
        pairs = sorted({"__name__": name, **labels}.items())
        return pairs, [(t * 1000, v) for t, v in zip(times, values, strict=True) if v != math.inf]

    found: Pushed = [
        series(
            "http_requests_total",
            [float(i * (10 * e + s + 1)) for i in range(POINTS)],
            endpoint=f"/api/{e}",
            status=status,
            job="api",
        )
        for e in range(3)
        for s, status in enumerate(("200", "500"))
    ]
    found += [
        series("wave", [100 * math.sin(i / 5) for i in range(POINTS)], job="api"),
        series("gap", [math.inf if 10 <= i < 20 else 1.5 for i in range(POINTS)], job="api"),
        series("temperature", [20.123456789] * POINTS, place="東京", note="größer", job="weather"),
        series("temperature", [-3.0] * POINTS, place="Ålesund\x1b[31m\nred", note="", job="weather"),
    ]
    found += [
        series("latency_seconds_bucket", [float(i * (k + 1)) for i in range(POINTS)], le=bound, job="api")
        for k, bound in enumerate(BOUNDS)
    ]
    return found


@contextmanager
def metrics_server(directory: Path, features: frozenset[str] = frozenset()) -> Iterator[MetricsServer]:
    """The role on a thread of its own: who asks may block."""
    config = directory / "prometheus.yml"
    config.write_text("global: {scrape_interval: 1m}\n")
    role = MetricsRole(
        MetricsOptions(
            config_file=config,
            data_dir=directory / "data",
            listen=Listen("127.0.0.1", 0),
            enable_remote_write_receiver=True,
            features=features,
        )
    )
    loop, stop, started = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    found: list[str] = []

    async def serve() -> None:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(role)
            server = await stack.enter_async_context(WebServer(role.app, role.listen, role="metrics"))
            found.append(f"http://{server.address}")
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(30)
    end_s = int(time.time()) // STEP_S * STEP_S
    start_s = end_s - (POINTS - 1) * STEP_S
    body = bytes(cramjam.snappy.compress_raw(prompb.write_request(made_up(start_s))))
    headers = {
        "Content-Encoding": "snappy",
        "Content-Type": "application/x-protobuf",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    deadline = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(
                urllib.request.Request(f"{found[0]}/api/v1/write", body, headers), timeout=10
            )
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    try:
        yield MetricsServer(found[0], start_s, end_s)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
