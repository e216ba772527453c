"""Small questions at the door: queries of one to a hundred series, and label calls.

Each is asked over a connection that stays open and over a new one each time, the servers in turns, and compared first.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.data import STEP_MS, Family, requests_total
from benchmarks.queries import LabelCall, Query

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
