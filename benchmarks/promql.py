"""Ingest and query latency of every PromQL server on the machine, over the same data in one interleaved run."""

from __future__ import annotations

import http.client
import json
import math
import statistics
import sys
import time
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.data import Family, duration_buckets, pod_info, requests_total, write_requests
from benchmarks.queries import A_DAY, DAY, LABEL_CALLS, LARGE, MANY, SMALL, LabelCall, Query
from benchmarks.servers import Server, metric_servers
from benchmarks.table import markdown

Points = dict[tuple[tuple[str, str], ...], list[list[Any]]]
Question = Query | LabelCall

# The file in a kept folder that says until when its data reaches.
FILLED = "filled"
# Of this one the peak memory is reported too.
WATCHED = f"sum by (endpoint) (rate({MANY}[5m]))"


@dataclass(slots=True)
class Figures:
    ingest_s: float = 0.0
    ingest_cpu_s: float = 0.0
    rss_mb: float = 0.0
    peak_mb: float = 0.0
    latency_ms: dict[Question, list[float]] = field(default_factory=dict)


def make_data(series: int, many: int, minutes: int, end_ms: int) -> list[Family]:
    """`series` counters over `minutes`; `many` counters, `series` buckets and an info metric over the last hour."""
    requests = requests_total(series, minutes, end_ms)
    return [
        requests,
        requests_total(many, min(60, minutes), end_ms, name=MANY, seed=9),
        duration_buckets(series, min(60, minutes), end_ms),
        pod_info(requests, min(60, minutes), end_ms),
    ]


def run(*, series: int, many: int, minutes: int, rounds: int, keep: Path | None = None) -> str:
    """The table, as Markdown. Raises `RuntimeError` when Vedette and another server answer differently.

    With `keep`, the servers' data stays in that folder, and a later run on the same folder measures queries alone.
    """
    end_ms = _end_of_data(keep)
    data = make_data(series, many, minutes, end_ms)
    questions: list[Question] = [*LARGE, *(A_DAY if minutes >= DAY else ()), *SMALL, *LABEL_CALLS]
    filled = keep is not None and (keep / FILLED).exists()
    with metric_servers(keep) as servers:
        figures = {server.name: Figures() for server in servers}
        samples = 0 if filled else sum(_ingest(servers, family, figures) for family in data)
        if keep is not None:
            (keep / FILLED).write_text(str(end_ms))
        for server in servers:
            for family in data:
                wait_visible(server, family)
            figures[server.name].rss_mb = server.rss() / 1e6
        for question in questions:
            _progress(f"{question}")
            _measure(question, servers, data[0].end_ms, figures, rounds)
    return _report(questions, figures, samples, data, rounds)


def _end_of_data(keep: Path | None) -> int:
    if keep is not None and (keep / FILLED).exists():
        return int((keep / FILLED).read_text())
    # Samples, evaluation times and the grid of subqueries stay off each other's beat: 2.x counts a sample at the left
    # edge of a window, 3.x does not.
    return int(time.time() * 1000) // 60_000 * 60_000 - 57_000


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _ingest(servers: Sequence[Server], family: Family, figures: dict[str, Figures]) -> int:
    total = 0
    _progress(f"writing {len(family.labels):,} series of {family.name}")
    before = {server.name: server.cpu_seconds() for server in servers}
    for body, count in write_requests(family):
        total += count
        for server in servers:
            started = time.perf_counter()
            post(server, body)
            figures[server.name].ingest_s += time.perf_counter() - started
    for server in servers:
        figures[server.name].ingest_cpu_s += server.cpu_seconds() - before[server.name]
    return total


def post(server: Server, body: bytes) -> None:
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0",
    }
    _exchange(server, "POST", "/api/v1/write", body, headers)


_connections: dict[str, http.client.HTTPConnection] = {}


def _exchange(
    server: Server, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> bytes:
    """One exchange over the connection to the server that is kept. Raises `RuntimeError` for an error status."""
    connection = _connections.get(server.base)
    if connection is None:
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.base).netloc, timeout=300)
        _connections[server.base] = connection
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read()
    except (http.client.HTTPException, OSError):
        connection.close()
        raise
    if answer.status >= 300:
        raise RuntimeError(f"{server.name}: {path}: {answer.status} {text[:500]!r}")
    return text


def wait_visible(server: Server, family: Family) -> None:
    question = Query(f"count({family.name})")
    deadline = time.monotonic() + 60
    while True:
        result = ask(server, question, family.end_ms)[1]
        if result and result[0]["value"][1] == str(len(family.labels)):
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"{server.name} does not show {len(family.labels)} series: {result}")
        time.sleep(0.5)


def ask(server: Server, question: Question, end_ms: int) -> tuple[float, list[Any]]:
    """Seconds until the whole answer was there, and its result."""
    end = end_ms / 1000 + 4
    if isinstance(question, LabelCall):
        path, parameters = question.path, {"start": f"{end - 3600}", "end": f"{end}"}
        if question.match:
            parameters["match[]"] = question.match
    elif question.step_s:
        start, step = end - question.minutes * 60 + 15, f"{question.step_s}s"
        path, parameters = "query_range", {"start": f"{start}", "end": f"{end}", "step": step}
    else:
        path, parameters = "query", {"time": f"{end}"}
    if isinstance(question, Query):
        parameters["query"] = question.text
    started = time.perf_counter()
    body = _exchange(server, "GET", f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
    seconds = time.perf_counter() - started
    data = json.loads(body)["data"]
    return seconds, data if isinstance(question, LabelCall) else data["result"]


def _measure(
    question: Question, servers: Sequence[Server], end_ms: int, figures: dict[str, Figures], rounds: int
) -> None:
    answers: dict[str, list[Any]] = {}
    for server in servers:
        idle = server.rss()
        server.reset_peak()
        answers[server.name] = ask(server, question, end_ms)[1]
        if isinstance(question, Query) and question.text == WATCHED:
            figures[server.name].peak_mb = max(0.0, (server.peak_rss() - idle) / 1e6)
    for name, answer in answers.items():
        if name == "prometheus" or (
            name != "vedette" and (isinstance(question, LabelCall) or question.alike)
        ):
            check_equal(question, name, answers["vedette"], answer)
    for _ in range(rounds):
        for server in servers:
            seconds, _result = ask(server, question, end_ms)
            figures[server.name].latency_ms.setdefault(question, []).append(seconds * 1000)


def check_equal(question: Question, name: str, ours: list[Any], theirs: list[Any]) -> None:
    """Raises `RuntimeError` where the answers differ by more than the last digits of a number."""
    if isinstance(question, LabelCall):
        if _sorted(ours) != _sorted(theirs):
            raise RuntimeError(f"{question}: {name} answers {len(theirs)} entries, vedette {len(ours)}")
        return
    mine, other = _keyed(ours), _keyed(theirs)
    if mine.keys() != other.keys():
        raise RuntimeError(f"{question}: other series than {name}: {list(mine.keys() ^ other.keys())[:10]}")
    for key, points in mine.items():
        if [t for t, _ in points] != [t for t, _ in other[key]]:
            raise RuntimeError(f"{question}: {key}: other times than {name}")
        for (t, our_value), (_, their_value) in zip(points, other[key], strict=True):
            if not math.isclose(float(our_value), float(their_value), rel_tol=1e-9, abs_tol=1e-12):
                raise RuntimeError(f"{question}: {key} at {t}: {our_value}, {name} says {their_value}")


def _sorted(answer: list[Any]) -> list[Any]:
    return (
        sorted(answer, key=str)
        if answer and isinstance(answer[0], str)
        else sorted(sorted(series.items()) for series in answer)
    )


def _keyed(result: list[dict[str, Any]]) -> Points:
    return {tuple(sorted(s["metric"].items())): s.get("values") or [s["value"]] for s in result}


def _report(
    questions: Sequence[Question],
    figures: dict[str, Figures],
    samples: int,
    data: Sequence[Family],
    rounds: int,
) -> str:
    names = list(figures)
    rows: list[list[str]] = []
    if samples:
        rows += [
            ["remote write, samples/s", *(f"{samples / figures[n].ingest_s:,.0f}" for n in names)],
            [
                "remote write, CPU-s per M samples",
                *(f"{figures[n].ingest_cpu_s / samples * 1e6:.2f}" for n in names),
            ],
        ]
    rows.append(["RSS before the first query, MB", *(f"{figures[n].rss_mb:.0f}" for n in names)])
    ratios: dict[str, dict[str, list[float]]] = {name: {} for name in names[1:]}
    kinds = {
        **dict.fromkeys(LARGE, "large"),
        **dict.fromkeys(A_DAY, "large"),
        **dict.fromkeys(SMALL, "small"),
    }
    for question in questions:
        medians = [statistics.median(figures[n].latency_ms[question]) for n in names]
        cells = [f"{m:.1f} ms" + (f" ({m / medians[0]:.1f}x)" if i else "") for i, m in enumerate(medians)]
        rows.append([str(question), *cells])
        for name, m in zip(names[1:], medians[1:], strict=True):
            ratios[name].setdefault(kinds.get(question, "labels"), []).append(m / medians[0])
    for kind in ("large", "small", "labels"):
        cells = [
            f"{statistics.median(ratios[n][kind]):.1f}x (least {min(ratios[n][kind]):.1f}x)"
            for n in names[1:]
        ]
        rows.append([f"**median of {kind} queries**", "1", *cells])
    rows.append(
        [f"memory above idle for `{WATCHED}`, MB", *(f"{figures[n].peak_mb:.0f}" for n in names)],
    )
    shape = ", ".join(
        f"{len(f.labels):,} of {f.name} over {(f.values.shape[1] - 1) * 15 // 3600} h" for f in data
    )
    return (
        f"## Metrics: series every 15 s: {shape}; median of {rounds} interleaved rounds\n\n"
        + markdown(["measure", *names], rows)
        + "\n(nx): the other server's median divided by Vedette's.\n"
    )
