"""The notifier against servers that listen: what they receive, and what is counted when they don't answer."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from support.http_sink import HttpSink
from vedette.client import HttpSettings
from vedette.metrics.notifier.alert import OutgoingAlert
from vedette.metrics.notifier.notifier import Notifier
from vedette.metrics.notifier.observed import NotifierMetrics
from vedette.metrics.notifier.queue import AlertQueue
from vedette.metrics.notifier.sender import Endpoint
from vedette.model.labels import Labels


def keep(labels: Labels) -> Labels | None:
    return labels


def alert(number: int = 0, **labels: str) -> OutgoingAlert:
    return OutgoingAlert(
        Labels({"alertname": f"A{number}", **labels}),
        Labels.of(summary="it is so"),
        starts_at=1_700_000_000_123,
        ends_at=1_700_000_240_000,
        generator_url="http://here/graph?g0.expr=up&g0.tab=1",
    )


def endpoint(sink: HttpSink, timeout_s: float = 5.0, path: str = "/api/v2/alerts") -> Endpoint:
    return Endpoint(f"{sink.url}{path}", timeout_s, HttpSettings(), Path())


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def metric(registry: CollectorRegistry, name: str, url: str) -> float | None:
    return registry.get_sample_value(f"prometheus_notifications_{name}", {"alertmanager": url})


async def test_every_alertmanager_gets_every_alert_in_its_form(registry: CollectorRegistry) -> None:
    notifier = Notifier(NotifierMetrics(registry))
    async with HttpSink() as one, HttpSink() as two:
        await notifier.use([(endpoint(one), keep), (endpoint(two), keep)])
        notifier.notify([alert(job="api")])
        await one.wait_for(1)
        await two.wait_for(1)
        path, headers, body = one.requests[0]
        assert (path, headers["Content-Type"]) == ("/api/v2/alerts", "application/json")
        assert json.loads(body) == [
            {
                "labels": {"alertname": "A0", "job": "api"},
                "annotations": {"summary": "it is so"},
                "startsAt": "2023-11-14T22:13:20.123Z",
                "endsAt": "2023-11-14T22:17:20.000Z",
                "generatorURL": "http://here/graph?g0.expr=up&g0.tab=1",
            }
        ]
        assert two.requests[0][2] == body
        assert registry.get_sample_value("prometheus_notifications_alertmanagers_discovered") == 2
        await notifier.stop()


async def test_external_labels_come_first_then_both_relabellings(registry: CollectorRegistry) -> None:
    notifier = Notifier(NotifierMetrics(registry))

    def drop_debug(labels: Labels) -> Labels | None:
        return None if labels.get("severity") == "debug" else labels.with_({"seen": labels.get("region")})

    def mark(labels: Labels) -> Labels | None:
        return labels.with_({"to": "one"})

    async with HttpSink() as one, HttpSink() as two:
        notifier.configure(Labels.of(region="eu", job="external"), drop_debug)
        await notifier.use([(endpoint(one), mark), (endpoint(two), keep)])
        notifier.notify([alert(job="api"), alert(1, severity="debug")])
        await one.wait_for(1)
        await two.wait_for(1)
        common = {"alertname": "A0", "job": "api", "region": "eu", "seen": "eu"}
        assert [a["labels"] for a in json.loads(one.requests[0][2])] == [common | {"to": "one"}]
        assert [a["labels"] for a in json.loads(two.requests[0][2])] == [common]
        await notifier.stop()


async def test_alerts_go_in_batches_and_a_stop_waits_for_them(registry: CollectorRegistry) -> None:
    notifier = Notifier(NotifierMetrics(registry), batch=4)
    async with HttpSink(delay_s=0.05) as sink:
        await notifier.use([(endpoint(sink), keep)])
        notifier.notify([alert(i) for i in range(10)])
        await notifier.stop()
        assert [len(json.loads(body)) for _, _, body in sink.requests] == [4, 4, 2]


async def test_a_stop_does_not_wait_for_ever(
    registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vedette.metrics.notifier.notifier.DRAIN_SECONDS", 0.1)
    notifier = Notifier(NotifierMetrics(registry))
    async with HttpSink(delay_s=5) as sink:
        await notifier.use([(endpoint(sink), keep)])
        notifier.notify([alert()])
        started = time.monotonic()
        await notifier.stop()
        assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("status", "timeout_s", "delay_s"), [(500, 5.0, 0.0), (404, 5.0, 0.0), (200, 0.05, 0.5)]
)
async def test_a_refusal_or_no_answer_is_counted_and_not_in_the_way(
    registry: CollectorRegistry, status: int, timeout_s: float, delay_s: float
) -> None:
    notifier = Notifier(NotifierMetrics(registry))
    async with HttpSink(status=status, delay_s=delay_s) as sink:
        to = endpoint(sink, timeout_s)
        await notifier.use([(to, keep)])
        notifier.notify([alert(1), alert(2)])
        async with asyncio.timeout(5):
            while not metric(registry, "errors_total", to.url):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert metric(registry, "errors_total", to.url) == 2
        assert metric(registry, "dropped_total", to.url) == 2
        sink.status, sink.delay_s = 200, 0.0
        notifier.notify([alert(3)])
        await sink.wait_for(2)
        assert [a["labels"]["alertname"] for a in json.loads(sink.requests[-1][2])] == ["A3"]
        await notifier.stop()


async def test_an_alertmanager_that_goes_takes_its_series_along(registry: CollectorRegistry) -> None:
    notifier = Notifier(NotifierMetrics(registry))
    async with HttpSink() as one, HttpSink() as two:
        await notifier.use([(endpoint(one), keep), (endpoint(two), keep)])
        assert metric(registry, "queue_capacity", endpoint(one).url) == 10_000
        kept = notifier._senders[endpoint(two).url]
        await notifier.use([(endpoint(two), keep)])
        assert metric(registry, "queue_capacity", endpoint(one).url) is None
        assert notifier._senders == {endpoint(two).url: kept}
        await notifier.stop()


async def test_a_full_queue_drops_the_oldest() -> None:
    queue = AlertQueue(capacity=3)
    assert queue.put([alert(i) for i in range(5)]) == 2
    assert [a.labels.get("alertname") for a in await queue.take(2)] == ["A2", "A3"]
    queue.close()
    assert queue.put([alert(9)]) == 1
    assert [a.labels.get("alertname") for a in await queue.take(9)] == ["A4"]
    assert await queue.take(9) == []
