"""Numbers about the head, as ``/api/v1/status/tsdb`` shows them."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Any

from vedette.metrics.tsdb.head import Head
from vedette.model.labels import METRIC_NAME
from vedette.model.time import MAX_TIME, MIN_TIME


def head_stats(head: Head) -> dict[str, int]:
    """The original shows the largest integers where the head is empty, and so do we."""
    with head.state_lock:
        pairs = sum(len(values) for _, values in head.postings.counts())
        low, high = head.store.bounds
        return {
            "numSeries": head.store.live_series,
            "numLabelPairs": pairs,
            "chunkCount": head.store.chunk_count,
            "minTime": min(low, MAX_TIME),
            "maxTime": max(high, MIN_TIME),
        }


def status(head: Head, limit: int) -> dict[str, Any]:
    """``data`` of ``/api/v1/status/tsdb``: the `limit` largest of each statistic."""
    with head.state_lock:
        counts = head.postings.counts()
    by_metric = next((values for name, values in counts if name == METRIC_NAME), {})
    values_of = {name: len(values) for name, values in counts}
    bytes_of = {
        name: sum(len(value.encode("utf-8", "surrogateescape")) * count for value, count in values.items())
        for name, values in counts
    }
    by_pair = {f"{name}={value}": count for name, values in counts for value, count in values.items()}
    return {
        "headStats": head_stats(head),
        "seriesCountByMetricName": _top(by_metric.items(), limit),
        "labelValueCountByLabelName": _top(values_of.items(), limit),
        "memoryInBytesByLabelName": _top(bytes_of.items(), limit),
        "seriesCountByLabelValuePair": _top(by_pair.items(), limit),
    }


def _top(items: Iterable[tuple[str, int]], limit: int) -> list[dict[str, Any]]:
    return [
        {"name": name, "value": value}
        for name, value in heapq.nsmallest(limit, items, key=lambda item: (-item[1], item[0]))
    ]
