"""Limits and statistics at the doors of a running role."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from support.doors import Client
from vedette.metrics.queries.active import FILE_NAME, left_over
from vedette.metrics.service import MetricsOptions, MetricsRole
from vedette.model.labels import Labels
from vedette.web.role import Listen, WebServer

SERIES = 2_000
END = 1_700_000_000
RANGE = {"start": str(END - 550), "end": str(END), "step": "1"}
# Takes a while whatever the machine.
HEAVY = {"query": "quantile_over_time(0.5, m[10m:1s])", **RANGE}


@contextlib.asynccontextmanager
async def running(
    folder: Path, *, concurrency: int = 20, timeout_ms: int = 120_000, max_samples: int = 50_000_000
) -> AsyncIterator[Client]:
    config = folder / "prometheus.yml"
    config.write_text("global: {}\n")
    options = MetricsOptions(
        config_file=config,
        data_dir=folder / "data",
        listen=Listen(port=0),
        retention_ms=100 * 365 * 86_400_000,
        query_concurrency=concurrency,
        query_timeout=timeout_ms,
        query_max_samples=max_samples,
        features=frozenset(["promql-per-step-stats"]),
    )
    async with contextlib.AsyncExitStack() as stack:
        role = await stack.enter_async_context(MetricsRole(options))
        assert role._running is not None
        appender = role._running.store.appender()
        refs = np.array(
            [appender.series(Labels({"__name__": "m", "x": str(i)})) for i in range(SERIES)], dtype=np.int64
        )
        for k in range(120):
            at = np.full(SERIES, (END - 5 * (119 - k)) * 1000, dtype=np.int64)
            appender.append(refs, at, np.arange(SERIES, dtype=np.float64) * k)
        appender.commit()
        server = await stack.enter_async_context(WebServer(role.app, role.listen, grace_s=1))
        yield await stack.enter_async_context(Client(f"http://{server.address}"))


async def test_too_many_samples_and_timeouts(tmp_path: Path) -> None:
    async with running(tmp_path, max_samples=10_000) as client:
        assert (await client.get("/api/v1/query_range", {"query": "m", **RANGE})).error == (
            422,
            "execution",
            "query processing would load too many samples into memory in query execution",
        )
        assert (await client.get("/api/v1/query", {"query": "m", "time": str(END)})).status == 200
        for parameters in ({"query": "m[10m:1s]"}, {"query": "m[9m]"}):
            refused = await client.get("/api/v1/query", {**parameters, "time": str(END)})
            assert refused.error[:2] == (422, "execution")


async def test_a_timeout_of_the_request(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        began = time.monotonic()
        late = await client.get("/api/v1/query_range", {**HEAVY, "timeout": "50ms"})
        assert late.error == (503, "timeout", "query timed out in expression evaluation")
        assert time.monotonic() - began < 5


async def test_who_waits_in_the_queue_is_told_at_its_timeout(tmp_path: Path) -> None:
    async with running(tmp_path, concurrency=1, timeout_ms=20_000) as client:
        first = asyncio.create_task(client.get("/api/v1/query_range", HEAVY))
        await asyncio.sleep(0.1)
        if first.done():
            pytest.skip("the machine is too fast for this query")
        waiting = await client.get("/api/v1/query_range", {**HEAVY, "timeout": "50ms"})
        assert waiting.error == (503, "timeout", "query timed out in query queue")
        first.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await first


async def test_a_client_that_goes_frees_its_place_and_its_entry(tmp_path: Path) -> None:
    async with running(tmp_path, concurrency=1) as client:
        path = tmp_path / "data" / FILE_NAME

        def listed() -> list[str]:
            return [entry["query"] for entry in json.loads(left_over(path) or b"[]")]

        heavy = asyncio.create_task(client.get("/api/v1/query_range", HEAVY))
        async with asyncio.timeout(10):
            while HEAVY["query"] not in await asyncio.to_thread(listed):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        heavy.cancel()
        began = time.monotonic()
        # The only place is free again.
        assert (await client.get("/api/v1/query", {"query": "count(m)", "time": str(END)})).status == 200
        assert time.monotonic() - began < 2
        assert await asyncio.to_thread(listed) == []


@pytest.mark.parametrize("value", ["true", "all", "1", "any"])
async def test_statistics(tmp_path: Path, value: str) -> None:
    async with running(tmp_path) as client:
        asked = {"query": "sum(m)", "start": str(END - 4), "end": str(END), "step": "2", "stats": value}
        answer = (await client.get("/api/v1/query_range", asked)).json
        samples = answer["data"]["stats"]["samples"]
        assert samples["totalQueryableSamples"] == 3 * SERIES
        assert samples["peakSamples"] > 0
        assert answer["data"]["stats"]["timings"]["execTotalTime"] > 0
        per_step = [[END - 4, SERIES], [END - 2, SERIES], [END, SERIES]]
        assert samples.get("totalQueryableSamplesPerStep") == (per_step if value == "all" else None)
        deprecated = (
            f'value "{value}" for parameter "stats" is deprecated and will be rejected in the next major release, '
            'use "true" or "all"'
        )
        assert answer.get("warnings") == (None if value in ("true", "all") else [deprecated])


async def test_a_large_answer_comes_whole_in_any_form(tmp_path: Path) -> None:
    async with running(tmp_path) as client:
        asked = {"query": "m", **RANGE}
        plain = await client.ask(
            "GET", "/api/v1/query_range", params=asked, headers={"Accept-Encoding": "identity"}
        )
        packed = await client.get("/api/v1/query_range", asked)
        assert len(plain.body) > 10_000_000 and plain.body == packed.body
        assert len(plain.data["result"]) == SERIES
