"""The metrics of HTTP requests that the guide's alerts, recording rules and dashboards read.

    http_requests_total{method, endpoint, status}
    http_request_duration_seconds{method, endpoint}      histogram
    http_requests_in_progress{method}

`endpoint` is the template of the route. Every route begins with its success and its server errors at 0: a counter
that is born by its first event loses that event, as no scrape saw it at 0.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple
from weakref import WeakKeyDictionary

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"))
OTHER_METHOD = "OTHER"
SERVER_ERRORS = ("500", "502", "503", "504")
CONTENT_TYPE = CONTENT_TYPE_LATEST


class HttpMetrics(NamedTuple):
    requests: Counter
    seconds: Histogram
    in_progress: Gauge

    def begin_at_zero(self, method: str, endpoint: str, statuses: Iterable[str]) -> None:
        for status in statuses:
            self.requests.labels(method, endpoint, status)
        self.seconds.labels(method, endpoint)
        self.in_progress.labels(method)


_made: WeakKeyDictionary[CollectorRegistry, HttpMetrics] = WeakKeyDictionary()


def http_metrics(registry: CollectorRegistry = REGISTRY) -> HttpMetrics:
    """The metrics of `registry`, made when first asked for: several applications may share a process."""
    known = _made.get(registry)
    if known is None:
        known = _made[registry] = HttpMetrics(
            Counter(
                "http_requests_total",
                "HTTP requests answered.",
                ("method", "endpoint", "status"),
                registry=registry,
            ),
            Histogram(
                "http_request_duration_seconds",
                "Time to answer HTTP requests, in seconds.",
                ("method", "endpoint"),
                registry=registry,
            ),
            Gauge(
                "http_requests_in_progress",
                "HTTP requests under way.",
                ("method",),
                registry=registry,
                multiprocess_mode="livesum",
            ),
        )
    return known


def page(registry: CollectorRegistry = REGISTRY) -> bytes:
    """The text for ``/metrics``; of all worker processes where ``PROMETHEUS_MULTIPROC_DIR`` is set."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
