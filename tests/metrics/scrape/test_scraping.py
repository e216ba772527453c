"""Scraping real servers on this machine: what gets into the store, what people see, who misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from support.exporter import OPENMETRICS_TYPE, Exporter
from support.memory_storage import MemoryStorage
from vedette.config.document import parse_document
from vedette.metrics.config import Config, config_of
from vedette.metrics.scrape import ScrapeManager
from vedette.metrics.scrape.manager import ScrapeManager as Manager
from vedette.metrics.tsdb.database import Database
from vedette.model.labels import Matcher
from vedette.model.values import is_stale


def config(*jobs: str, path: str = "/nowhere/p.yml") -> Config:
    """Jobs as flow mappings, with a short interval unless they say otherwise."""
    scope = "global: {scrape_interval: 100ms, scrape_timeout: 90ms, external_labels: {dc: x}}\n"
    text = scope + "scrape_configs:\n" + "".join(f"- {{{job}}}\n" for job in jobs)
    return config_of(parse_document(text, path=path, env={}), {})


def static(name: str, *addresses: str, more: str = "") -> str:
    targets = ", ".join(f"'{a}'" for a in addresses)
    return f"job_name: {name}, static_configs: [{{targets: [{targets}]}}]" + (f", {more}" if more else "")


class World:
    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.registry = CollectorRegistry()
        self.manager: Manager

    def samples(self, name: str, job: str = "j") -> list[float | str]:
        """Values of the only series of a name and job, in time order."""
        found = [s for s in self.storage.sets if s.name == name and s.get("job") == job]
        assert len(found) <= 1, found
        return ["stale" if is_stale(v) else float(v) for s in found for _, v in self.storage.series(s)]

    async def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it didn't come about"
            await asyncio.sleep(0.01)

    def error(self) -> str:
        return self.manager.targets().active[0].last_error

    def health(self) -> str:
        return self.manager.targets().active[0].health

    def counter(self, name: str) -> float:
        return self.registry.get_sample_value(f"prometheus_target_{name}") or 0.0


@asynccontextmanager
async def scraping(*jobs: str) -> AsyncIterator[World]:
    world = World()
    manager = ScrapeManager(
        world.storage, registry=world.registry, throttle_s=0.05, external_url="http://mon:9090"
    )
    async with manager as world.manager:
        await world.manager.apply(config(*jobs))
        yield world


async def test_from_a_page_to_series_and_what_people_see() -> None:
    async with (
        Exporter('# HELP a some help\n# TYPE a counter\n# UNIT b s\na{x="1"} 1\n') as exporter,
        scraping(static("j", exporter.address, more="extra_scrape_metrics: true")) as world,
    ):
        await world.until(lambda: len(world.samples("a")) >= 2)
        assert world.samples("up")[0] == 1
        assert world.samples("scrape_samples_scraped")[0] == 1
        assert world.samples("scrape_series_added")[:2] == [1, 0]
        assert world.samples("scrape_body_size_bytes")[0] == len(exporter.page)
        assert world.samples("scrape_timeout_seconds")[0] == 0.09
        (target,) = world.manager.targets().active
        shown = target.to_json()
        assert (shown["health"], shown["lastError"], shown["scrapePool"]) == ("up", "", "j")
        assert shown["labels"] == {"instance": exporter.address, "job": "j"}
        assert (shown["scrapeInterval"], shown["scrapeTimeout"]) == ("100ms", "90ms")
        assert shown["globalUrl"] == f"http://mon:{exporter.address.split(':')[1]}/metrics"
        assert str(shown["lastScrape"]).endswith("Z")
        assert target.last_scrape_duration > 0
        ((_, metadata),) = [(t, m) for t, m in world.manager.metadata() if m.metric == "a"]
        assert (metadata.type, metadata.help) == ("counter", "some help")
        entries = "prometheus_target_metadata_cache_entries"
        assert world.registry.get_sample_value(entries, {"scrape_job": "j"}) == 1
        request = exporter.requests[0]
        assert request.headers["X-Prometheus-Scrape-Timeout-Seconds"] == "0.09"
        assert request.headers["Accept-Encoding"] == "gzip"
        assert world.manager.scrape_pools() == ["j"]


async def test_scrapes_keep_to_the_schedule() -> None:
    async with Exporter("a 1\n") as exporter, scraping(static("j", exporter.address)) as world:
        await world.until(lambda: world.samples("a"))
        (labels,) = [s for s in world.storage.sets if s.name == "a"]

        def calm() -> bool:
            # A busy machine misses the schedule now and then: six scrapes in a row that mostly keep to it will do.
            times = [t for t, _ in world.storage.series(labels)][-6:]
            steps = [b - a for a, b in itertools.pairwise(times)]
            return len(steps) == 5 and steps.count(100) >= 3

        await world.until(calm)


async def test_gzip_and_openmetrics() -> None:
    async def packed(request: web.Request) -> web.Response:
        body = gzip.compress(b"# TYPE a counter\na_total 5 # {x='} 1\n# EOF\n".replace(b"'}", b'"y"}'))
        return web.Response(body=body, headers={"Content-Type": OPENMETRICS_TYPE, "Content-Encoding": "gzip"})

    async with Exporter() as exporter:
        exporter.handler = packed
        async with scraping(static("j", exporter.address)) as world:
            await world.until(lambda: world.samples("a_total"))
            assert world.samples("a_total")[0] == 5


async def test_a_failing_target_is_down_and_its_series_end() -> None:
    async with Exporter("a 1\n") as exporter, scraping(static("j", exporter.address)) as world:
        await world.until(lambda: world.samples("a"))
        exporter.status = 503
        await world.until(lambda: world.health() == "down")
        assert world.error() == "server returned HTTP status 503 Service Unavailable"
        await world.until(lambda: world.samples("a")[-1] == "stale")
        assert world.samples("a").count("stale") == 1
        assert world.samples("up")[-1] == 0
        exporter.status = 200
        await world.until(lambda: world.health() == "up" and world.samples("a")[-1] == 1)


async def test_nobody_listens() -> None:
    async with Exporter() as gone:
        address = gone.address
    async with scraping(static("j", address)) as world:
        await world.until(lambda: world.health() == "down")
        assert (
            world.error()
            == f'Get "http://{address}/metrics": dial tcp {address}: connect: connection refused'
        )
        assert world.samples("up") == [0] * len(world.samples("up"))


async def test_a_removed_target_ends_after_two_intervals() -> None:
    async with Exporter("a 1\n") as exporter, scraping(static("j", exporter.address)) as world:
        await world.until(lambda: world.samples("a"))
        await world.manager.apply(config())
        assert world.manager.targets().active == ()
        before = len(world.samples("a"))
        await asyncio.sleep(0.1)
        assert "stale" not in world.samples("a")
        await world.until(lambda: "stale" in world.samples("a"))
        assert len(world.samples("a")) == before + 1
        assert world.samples("up")[-1] == "stale"


async def test_stopping_the_role_ends_nothing() -> None:
    async with Exporter("a 1\n") as exporter:
        async with scraping(static("j", exporter.address)) as world:
            await world.until(lambda: world.samples("a"))
        await asyncio.sleep(0.4)
        assert "stale" not in world.samples("a")


async def test_a_reload_disturbs_only_what_changed() -> None:
    async with (
        Exporter("a 1\nb 1\n") as one,
        Exporter("a 1\n") as two,
        scraping(static("one", one.address), static("two", two.address)) as world,
    ):
        await world.until(lambda: world.samples("a", "one") and world.samples("a", "two"))
        before = world.manager.targets("two").active[0].last_scrape
        drop = "metric_relabel_configs: [{source_labels: [__name__], regex: b, action: drop}]"
        await world.manager.apply(config(static("one", one.address, more=drop), static("two", two.address)))
        assert world.manager.targets("two").active[0].last_scrape >= before > 0
        # What the new rules drop ends with the first scrape under them; the rest goes on.
        await world.until(lambda: world.samples("b", "one")[-1] == "stale")
        count = len(world.samples("a", "one"))
        await world.until(lambda: len(world.samples("a", "one")) > count)
        assert "stale" not in world.samples("a", "one")


async def test_target_limit_fails_every_target() -> None:
    async with (
        Exporter("a 1\n") as one,
        Exporter("a 1\n") as two,
        scraping(static("j", one.address, two.address, more="target_limit: 1")) as world,
    ):
        await world.until(lambda: all(t.health == "down" for t in world.manager.targets().active))
        assert world.error() == "target_limit exceeded (number of targets: 2, limit: 1)"
        assert not one.requests
        assert world.counter("scrape_pool_exceeded_target_limit_total") >= 1


async def test_equal_targets_are_one_and_dropped_ones_are_shown() -> None:
    async with Exporter("a 1\n") as exporter:
        drop = "relabel_configs: [{source_labels: [__address__], regex: 'x.*', action: drop}]"
        more = f"{drop}, keep_dropped_targets: 1"
        async with scraping(
            static("j", exporter.address, exporter.address, "x:1", "x:2", more=more)
        ) as world:
            targets = world.manager.targets()
            assert len(targets.active) == 1
            assert len(targets.dropped) == 1
            assert targets.dropped[0].to_json()["discoveredLabels"]["__address__"] == "x:1"  # type: ignore[index]
            assert targets.dropped_counts == {"j": 2}
            assert world.counter("sync_failed_total") == 0


async def test_failures_are_logged_to_a_file(tmp_path: Path) -> None:
    log = tmp_path / "fail.log"
    async with Exporter() as exporter:
        exporter.status = 500
        async with scraping(static("j", exporter.address, more=f"scrape_failure_log_file: '{log}'")) as world:
            await world.until(lambda: log.exists() and log.read_text().count("\n") >= 1)
    assert '"msg":"server returned HTTP status 500 Internal Server Error"' in log.read_text()


# --- peers that misbehave ------------------------------------------------------------------------------------------


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    while True:
        await response.write(b"a 1\n" * 4096)


async def _drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    while True:
        await response.write(b"a")
        await asyncio.sleep(0.02)


async def _never(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


def _says(body: bytes, content_type: str = "text/plain") -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": content_type})

    return answer


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (_endless, "body size limit exceeded"),
        (_drip, "context deadline exceeded"),
        (_never, "context deadline exceeded"),
        (_says(b'a{b="\xff\xfe"} 1\n'), "invalid UTF-8 label value"),
        (_says(b"x" * 10**6), "expected value after metric"),
        (_says(b"a\x001 1\n"), "while parsing"),
        (_says(b"<html>hello</html>", "text/html"), "unsupported Content-Type"),
        (_says(b"a 1\n", "application/vnd.google.protobuf"), "can't be read"),
        (_says(b"a{" * 1000), "expected"),
    ],
    ids=["endless", "drip", "silent", "not UTF-8", "long line", "NUL", "html", "protobuf", "nested"],
)
async def test_a_hostile_peer_only_fails_itself(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]], message: str
) -> None:
    async with Exporter("a 1\n") as good, Exporter() as bad:
        bad.handler = handler
        limit = "body_size_limit: 2MB"
        async with scraping(static("bad", bad.address, more=limit), static("good", good.address)) as world:
            await world.until(lambda: len(world.samples("up", "bad")) >= 2)
            assert message in world.manager.targets("bad").active[0].last_error
            assert set(world.samples("up", "bad")) == {0}
            assert not world.samples("a", "bad")
            await world.until(lambda: len(world.samples("a", "good")) >= 2)
            assert set(world.samples("up", "good")) == {1}


async def test_credentials_do_not_follow_a_redirect_to_another_host() -> None:
    async with Exporter("a 1\n") as other, Exporter() as first:

        async def away(request: web.Request) -> web.Response:
            raise web.HTTPFound(f"http://{other.address}/metrics")

        first.handler = away
        more = "basic_auth: {username: u, password: p}"
        async with scraping(static("j", first.address, more=more)) as world:
            await world.until(lambda: other.requests)
            assert "Authorization" in first.requests[0].headers
            assert "Authorization" not in other.requests[0].headers


async def test_redirects_may_be_forbidden() -> None:
    async with Exporter() as exporter:

        async def away(request: web.Request) -> web.Response:
            raise web.HTTPFound("/elsewhere")

        exporter.handler = away
        async with scraping(static("j", exporter.address, more="follow_redirects: false")) as world:
            await world.until(lambda: world.health() == "down")
            assert world.error() == "server returned HTTP status 302 Found"


@pytest.mark.slow
async def test_a_hundred_thousand_series_do_not_stall_the_loop(tmp_path: Path) -> None:
    page = "".join(f'http_requests_total{{path="/a/{i}",code="200"}} {i}.5\n' for i in range(100_000))
    worst, last = 0.0, time.perf_counter()

    async def watch() -> None:
        nonlocal worst, last
        while True:
            last = time.perf_counter()
            await asyncio.sleep(0.001)
            worst = max(worst, time.perf_counter() - last)

    async with Exporter(page.encode()) as exporter:
        with Database.open(tmp_path) as store:
            async with ScrapeManager(store, registry=CollectorRegistry()) as manager:
                watching = asyncio.create_task(watch())
                await manager.apply(
                    config(static("j", exporter.address, more="scrape_interval: 2s, scrape_timeout: 2s"))
                )
                while not (found := manager.targets().active)[0].last_scrape:  # noqa: ASYNC110  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                watching.cancel()
            assert found[0].last_error == ""
            with store.querier(0, 1 << 62) as querier:
                matchers = [Matcher("__name__", "=", "http_requests_total")]
                assert len(querier.select(matchers, 0, 1 << 62).table) == 100_000
    assert worst < 0.5, f"the loop stood still for {worst:.3f} s"
