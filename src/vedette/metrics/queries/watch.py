"""What surrounds every evaluation, whoever asks: listed while it runs, then counted and logged."""

from __future__ import annotations

import time
from collections.abc import Callable

from vedette.metrics.promql.errors import ParseError, QueryError
from vedette.metrics.promql.result import QueryResult, QueryStats
from vedette.metrics.queries.active import ActiveQueries
from vedette.metrics.queries.asked import Asked, Origin
from vedette.metrics.queries.log import QueryLog
from vedette.metrics.queries.observed import QueryMetrics
from vedette.metrics.queries.slow import log_slow
from vedette.metrics.queries.stats import show_stats

# Evaluates, and counts the samples of each step when the argument says so.
Ask = Callable[[bool], QueryResult]


class QueryWatch:
    """`slow_s`: queries that take this many seconds or more are slow; 0 means none is."""

    def __init__(self, metrics: QueryMetrics, active: ActiveQueries, log: QueryLog, *, slow_s: float) -> None:
        self.metrics = metrics
        self.log = log
        self._active = active
        self._slow_s = slow_s

    def evaluate(
        self, asked: Asked, origin: Origin, ask: Ask, *, stats: bool = False, queued_s: float = 0.0
    ) -> QueryResult:
        """The answer of `ask`. Raises its `QueryError`, logged unless the query never was one."""
        began = time.perf_counter()
        with self._active.listed(asked.query):
            try:
                result = ask(stats or self.log.is_on)
            except ParseError:
                raise
            except QueryError as error:
                self._ended(asked, origin, error.stats or QueryStats(), began, queued_s, str(error))
                raise
        self._ended(asked, origin, result.stats, began, queued_s, None)
        return result

    def _ended(
        self,
        asked: Asked,
        origin: Origin,
        stats: QueryStats,
        began: float,
        queued_s: float,
        error: str | None,
    ) -> None:
        seconds = time.perf_counter() - began
        self.metrics.evaluated(stats)
        if self.log.is_on:
            self.log.write(asked, show_stats(stats, queued_s=queued_s), origin, error=error)
        if self._slow_s and seconds >= self._slow_s:
            self.metrics.slow.inc()
            log_slow(asked, origin, stats, seconds, error)
