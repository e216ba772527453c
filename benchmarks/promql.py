"""Ingest and query latency of every PromQL server on the machine, over the same data in one interleaved run."""

from __future__ import annotations

import json
import math
import statistics
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.data import Dataset, make_dataset, write_requests
from benchmarks.servers import Server, metric_servers
from benchmarks.table import markdown


@dataclass(frozen=True, slots=True)
class Query:
    """`step_s` 0: an instant query at the end of the data; else a range query over all of it."""

    text: str
    step_s: int = 0


QUERIES: Sequence[Query] = (
    Query("sum by (endpoint) (rate(http_requests_total[5m]))", 15),
    Query("sum(rate(http_requests_total[5m])) by (job)", 15),
    Query("sum by (endpoint) (http_requests_total)", 15),
    Query("topk(5, sum by (pod) (rate(http_requests_total[5m])))", 60),
    Query('sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))', 15),
    Query("max by (method) (max_over_time(http_requests_total[10m]))", 60),
    Query('sum by (status) (rate(http_requests_total{endpoint=~".*/1[0-9]"}[5m]))', 15),
    Query("count by (endpoint) (http_requests_total)"),
    Query('rate(http_requests_total{endpoint="/api/v1/resource/7",method="GET",status="200"}[5m])', 15),
    Query('http_requests_total{endpoint="/api/v1/resource/7",pod="api-00000"}'),
    Query("count(http_requests_total)"),
)

Points = dict[tuple[tuple[str, str], ...], list[list[Any]]]


@dataclass(slots=True)
class Figures:
    ingest_s: float = 0.0
    ingest_cpu_s: float = 0.0
    rss_mb: float = 0.0
    peak_mb: dict[str, float] = field(default_factory=dict)
    latency_ms: dict[str, list[float]] = field(default_factory=dict)


def run(*, series: int, minutes: int, rounds: int) -> str:
    """The table, as Markdown. Raises `RuntimeError` when Vedette and Prometheus answer differently."""
    end_ms = int(time.time() * 1000) // 15_000 * 15_000
    data = make_dataset(series, minutes, end_ms)
    with metric_servers() as servers:
        figures = {server.name: Figures() for server in servers}
        samples = _ingest(servers, data, figures)
        for server in servers:
            _wait_visible(server, data)
            figures[server.name].rss_mb = server.rss() / 1e6
        for query in QUERIES:
            _measure(query, servers, data, figures, rounds)
    return _report(figures, samples, series, minutes, rounds)


def _ingest(servers: Sequence[Server], data: Dataset, figures: dict[str, Figures]) -> int:
    total = 0
    before = {server.name: server.cpu_seconds() for server in servers}
    for body, count in write_requests(data):
        total += count
        for server in servers:
            started = time.perf_counter()
            _post(server, body)
            figures[server.name].ingest_s += time.perf_counter() - started
    for server in servers:
        figures[server.name].ingest_cpu_s = server.cpu_seconds() - before[server.name]
    return total


def _post(server: Server, body: bytes) -> None:
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    request = urllib.request.Request(f"{server.base}/api/v1/write", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        answer.read()


def _wait_visible(server: Server, data: Dataset) -> None:
    want = str(len(data.labels))
    deadline = time.monotonic() + 30
    while True:
        result = _ask(server, Query("count(http_requests_total)"), data)[1]
        if result and result[0]["value"][1] == want:
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"{server.name} does not show {want} series: {result}")
        time.sleep(0.5)


def _ask(server: Server, query: Query, data: Dataset) -> tuple[float, list[dict[str, Any]]]:
    path, parameters = "/api/v1/query", {"query": query.text, "time": f"{data.end_ms / 1000}"}
    if query.step_s:
        # Off the sample grid: 2.x counts a sample at the left edge of a window, 3.x does not.
        start = data.start_ms / 1000 + 7
        path, step = "/api/v1/query_range", f"{query.step_s}s"
        parameters = {"query": query.text, "start": f"{start}", "end": f"{data.end_ms / 1000}", "step": step}
    url = f"{server.base}{path}?{urllib.parse.urlencode(parameters)}"
    started = time.perf_counter()
    with urllib.request.urlopen(url, timeout=120) as answer:
        body = answer.read()
    seconds = time.perf_counter() - started
    return seconds, json.loads(body)["data"]["result"]


def _measure(
    query: Query, servers: Sequence[Server], data: Dataset, figures: dict[str, Figures], rounds: int
) -> None:
    answers: dict[str, Points] = {}
    for server in servers:
        idle = server.rss()
        server.reset_peak()
        answers[server.name] = _keyed(_ask(server, query, data)[1])
        figures[server.name].peak_mb[query.text] = max(0.0, (server.peak_rss() - idle) / 1e6)
    # VictoriaMetrics does not extrapolate, so only Prometheus can be compared point by point.
    if "prometheus" in answers:
        _check_equal(query, answers["vedette"], answers["prometheus"])
    for _ in range(rounds):
        for server in servers:
            seconds, _result = _ask(server, query, data)
            figures[server.name].latency_ms.setdefault(query.text, []).append(seconds * 1000)


def _keyed(result: list[dict[str, Any]]) -> Points:
    return {tuple(sorted(s["metric"].items())): s.get("values") or [s["value"]] for s in result}


def _check_equal(query: Query, ours: Points, theirs: Points) -> None:
    if ours.keys() != theirs.keys():
        raise RuntimeError(f"{query.text}: other series than Prometheus: {ours.keys() ^ theirs.keys()}")
    for key, points in ours.items():
        if [t for t, _ in points] != [t for t, _ in theirs[key]]:
            raise RuntimeError(f"{query.text}: {key}: other times than Prometheus")
        for (t, ours_v), (_, theirs_v) in zip(points, theirs[key], strict=True):
            if not math.isclose(float(ours_v), float(theirs_v), rel_tol=1e-9, abs_tol=1e-12):
                raise RuntimeError(f"{query.text}: {key} at {t}: {ours_v}, Prometheus says {theirs_v}")


def _report(figures: dict[str, Figures], samples: int, series: int, minutes: int, rounds: int) -> str:
    names = list(figures)
    rows = [
        ["remote write, samples/s", *(f"{samples / figures[n].ingest_s:,.0f}" for n in names)],
        [
            "remote write, CPU-s per M samples",
            *(f"{figures[n].ingest_cpu_s / samples * 1e6:.2f}" for n in names),
        ],
        ["RSS after ingest, MB", *(f"{figures[n].rss_mb:.0f}" for n in names)],
    ]
    for query in QUERIES:
        medians = [statistics.median(figures[n].latency_ms[query.text]) for n in names]
        cells = [f"{m:.1f} ms" + (f" ({m / medians[0]:.1f}x)" if i else "") for i, m in enumerate(medians)]
        kind = f"every {query.step_s} s" if query.step_s else "instant"
        rows.append([f"`{query.text}`, {kind}", *cells])
    first = QUERIES[0].text
    rows.append(
        [f"memory above idle for `{first}`, MB", *(f"{figures[n].peak_mb[first]:.0f}" for n in names)]
    )
    head = f"## Metrics: {series:,} series x {minutes} min at 15 s, median of {rounds} interleaved rounds\n\n"
    return (
        head
        + markdown(["measure", *names], rows)
        + "\n(nx): the other server's median divided by Vedette's.\n"
    )
