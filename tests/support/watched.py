"""Queries watched as the role does, for tests that make their own doors."""

from __future__ import annotations

from pathlib import Path

from vedette.metrics.queries.active import ActiveQueries
from vedette.metrics.queries.log import QueryLog
from vedette.metrics.queries.observed import QueryMetrics
from vedette.metrics.queries.watch import QueryWatch


def watched(metrics: QueryMetrics, folder: Path) -> QueryWatch:
    """A watch with its file of active queries in `folder`, and without logs."""
    return QueryWatch(metrics, ActiveQueries(folder, 2), QueryLog(metrics), slow_s=0)
