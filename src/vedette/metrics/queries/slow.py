"""The slow query log: a warning for each query that took longer than `--query.slow-log-threshold`."""

from __future__ import annotations

from vedette.config.log import get_logger
from vedette.metrics.promql.result import QueryStats
from vedette.metrics.queries.asked import Asked, Origin, show_time

log = get_logger("metrics.slow_query")


def log_slow(asked: Asked, origin: Origin, stats: QueryStats, seconds: float, error: str | None) -> None:
    """One line, with what is needed to find who asks and why it takes so long."""
    fields: dict[str, object] = {
        "query": asked.query,
        "start": show_time(asked.start),
        "end": show_time(asked.end),
        "step": asked.step / 1000,
        "seconds": round(seconds, 3),
        "series": stats.series,
        "samples": stats.samples,
        "peak_samples": stats.peak_samples,
    }
    for kind, where in origin.items():
        fields |= {f"{kind}_{name}": value for name, value in where.items()}
    if error is not None:
        fields["error"] = error
    log.warning("slow query", **fields)
