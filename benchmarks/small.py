"""Small questions at the door: queries of one to a hundred series, and label calls.

Each is asked over a connection that stays open and over a new one each time, the servers in turns. The client is a bare
socket, because where an answer takes a tenth of a millisecond a comfortable client would be most of what is measured.
"""

from __future__ import annotations

import itertools
import json
import socket
import statistics
import time
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.data import STEP_MS, Family, requests_total, write_requests
from benchmarks.promql import check_equal, post, wait_visible
from benchmarks.queries import LabelCall, Query
from benchmarks.servers import Server, metric_servers
from benchmarks.table import markdown

BUCKETS = 50
TARGET = [("instance", "10.0.0.0:8000"), ("job", "automation-orchestrator")]

ONE = 'http_requests_total{endpoint="/api/v1/resource/7",pod="api-00000",method="GET",status="200"}'
TWELVE = 'http_requests_total{endpoint="/api/v1/resource/7",pod="api-00000"}'
# Twelve series a pod and endpoint: of eight pods, 96.
HUNDRED = 'http_requests_total{endpoint="/api/v1/resource/7",pod=~"api-0000[0-7]"}'
QUANTILE = "histogram_quantile(0.9, rate(door_seconds_bucket[5m]))"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of `/api/v1/PATH` that has no time range."""

    path: str

    def __str__(self) -> str:
        return f"`/{self.path}`"


Question = Query | LabelCall | Call

QUESTIONS: Sequence[Question] = (
    Query("1+1"),
    Query("time()"),
    Query("rate(http_requests_total"),
    Query("door_up"),
    Query(TWELVE),
    Query(f"sum by (method) ({HUNDRED})"),
    Query(f"count({HUNDRED})"),
    Query(f"{TWELVE} / {TWELVE}"),
    Query(QUANTILE),
    Query("time()", 15),
    Query(f"rate({ONE}[5m])", 15),
    Query(TWELVE, 15),
    Query(f"rate({TWELVE}[5m])", 15),
    Query(f"sum by (method) (rate({HUNDRED}[5m]))", 15),
    Query(QUANTILE, 15),
    LabelCall("labels"),
    LabelCall("labels", TWELVE),
    LabelCall("label/endpoint/values"),
    LabelCall("label/pod/values", "http_requests_total"),
    LabelCall("label/status/values", TWELVE),
    LabelCall("series", ONE),
    LabelCall("series", TWELVE),
    LabelCall("series", HUNDRED),
    Call("metadata"),
)


def small_data(series: int, minutes: int, end_ms: int) -> list[Family]:
    """`series` counters, one gauge, and one histogram of `BUCKETS` buckets."""
    steps = minutes * 60_000 // STEP_MS + 1
    start_ms = end_ms - (steps - 1) * STEP_MS
    up = Family([[("__name__", "door_up"), *TARGET]], np.ones((1, steps)), start_ms)
    bounds = [f"{(i + 1) / 100:g}" for i in range(BUCKETS - 1)] + ["+Inf"]
    growth = np.random.default_rng(11).poisson(3, size=(BUCKETS, steps)).astype(np.float64)
    buckets = Family(
        [[("__name__", "door_seconds_bucket"), *TARGET, ("le", bound)] for bound in bounds],
        1e6 + growth.cumsum(axis=0).cumsum(axis=1),
        start_ms,
    )
    return [requests_total(series, minutes, end_ms), up, buckets]


def target(question: Question, end_ms: int) -> str:
    """The path and parameters of a question."""
    end = end_ms / 1000 + 4
    parameters: dict[str, str] = {}
    path = "query"
    if not isinstance(question, Query):
        path = question.path
    if isinstance(question, Query) and not question.step_s:
        parameters = {"query": question.text, "time": f"{end}"}
    elif not isinstance(question, Call):
        parameters = {"start": f"{end - 3600 + 15}", "end": f"{end}"}
    if isinstance(question, Query) and question.step_s:
        path = "query_range"
        parameters |= {"query": question.text, "step": f"{question.step_s}"}
    if isinstance(question, LabelCall) and question.match:
        parameters["match[]"] = question.match
    return f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}"


class Connection:
    """HTTP in the least time: one request after another on one socket."""

    def __init__(self, server: Server) -> None:
        host, _, port = server.base.partition("//")[2].rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, target: str) -> bytes:
        """The body, whatever the status."""
        request = f"GET {target} HTTP/1.1\r\nHost: bench\r\nAccept-Encoding: identity\r\n\r\n"
        self._socket.sendall(request.encode())
        text = self._more(b"")
        while b"\r\n\r\n" not in text:
            text = self._more(text)
        head, _, body = text.partition(b"\r\n\r\n")
        _, found, rest = head.lower().partition(b"\r\ncontent-length: ")
        if not found:
            return self._chunked(body)
        length = int(rest.split(b"\r\n")[0])
        while len(body) < length:
            body = self._more(body)
        return body

    def _chunked(self, text: bytes) -> bytes:
        while not text.endswith(b"\r\n0\r\n\r\n"):
            text = self._more(text)
        parts = []
        while True:
            size, _, text = text.partition(b"\r\n")
            if not int(size, 16):
                return b"".join(parts)
            parts.append(text[: int(size, 16)])
            text = text[int(size, 16) + 2 :]

    def _more(self, text: bytes) -> bytes:
        got = self._socket.recv(1 << 20)
        if not got:
            raise ConnectionError("the server has closed the connection")
        return text + got

    def close(self) -> None:
        self._socket.close()


@dataclass(slots=True)
class Times:
    """Milliseconds of each answer."""

    kept: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)


def run(*, series: int, minutes: int, rounds: int) -> str:
    """The table, as Markdown. Raises `RuntimeError` when Vedette and another server answer differently."""
    data = small_data(series, minutes, int(time.time()) // 60 * 60_000 - 57_000)
    end_ms = data[0].end_ms
    with metric_servers() as servers:
        for family in data:
            for body, _ in write_requests(family):
                for server in servers:
                    post(server, body)
        for server, family in itertools.product(servers, data):
            wait_visible(server, family)
        times = {question: _measure(question, servers, end_ms, rounds) for question in QUESTIONS}
        return _report(times, [server.name for server in servers], len(data[0].labels), rounds)


def _measure(question: Question, servers: Sequence[Server], end_ms: int, rounds: int) -> dict[str, Times]:
    path = target(question, end_ms)
    kept = {server.name: Connection(server) for server in servers}
    # Not at the first time, when there may be something to plan.
    answers = {name: [connection.get(path) for _ in range(3)][-1] for name, connection in kept.items()}
    for name, answer in answers.items():
        if name != "vedette":
            _check(question, name, json.loads(answers["vedette"]), json.loads(answer))
    times = {server.name: Times() for server in servers}
    for _ in range(rounds):
        for server in servers:
            started = time.perf_counter()
            kept[server.name].get(path)
            asked = time.perf_counter()
            fresh = Connection(server)
            fresh.get(path)
            fresh.close()
            times[server.name].kept.append((asked - started) * 1000)
            times[server.name].new.append((time.perf_counter() - asked) * 1000)
    for connection in kept.values():
        connection.close()
    return times


def _check(question: Question, name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    if ours["status"] != theirs["status"]:
        raise RuntimeError(f"{question}: {name} answers {theirs['status']}, vedette {ours['status']}")
    # VictoriaMetrics does not extrapolate, gives scalars as vectors and has its own view of metadata.
    if isinstance(question, Call) or ours["status"] != "success":
        return
    if isinstance(question, LabelCall):
        check_equal(question, name, ours["data"], theirs["data"])
    elif name == "prometheus" and ours["data"]["resultType"] != "scalar":
        check_equal(question, name, ours["data"]["result"], theirs["data"]["result"])


def _report(times: dict[Question, dict[str, Times]], names: Sequence[str], series: int, rounds: int) -> str:
    rows = []
    ratios: dict[str, list[float]] = {name: [] for name in names[1:]}
    for question, of in times.items():
        cells = []
        first = statistics.median(of[names[0]].kept)
        for name in names:
            kept, new = statistics.median(of[name].kept), statistics.median(of[name].new)
            cell = f"{kept:.2f} ms, new {new:.2f}"
            if name != names[0]:
                ratios[name].append(kept / first)
                cell += f" ({kept / first:.1f}x)"
            cells.append(cell)
        rows.append([str(question), *cells])
    rows.append(
        ["**median of the ratios**", "1", *(f"{statistics.median(ratios[n]):.1f}x" for n in names[1:])]
    )
    return (
        f"## Small questions: among {series:,} series, median of {rounds} interleaved rounds\n\n"
        + markdown(["question", *names], rows)
        + "\nOver a connection that stays open, and over a new one for the question alone. (nx): the other server's median "
        "over the open connection divided by Vedette's.\n"
    )
