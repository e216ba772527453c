"""What ``explain=1`` and ``trace=1`` add to the query doors: the plan, and what each of its operators did."""

from __future__ import annotations

from typing import Any

from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.plan.describe import operator
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.run.trace import OperatorTrace


def show_plan(
    engine: Engine, query: str, start: int, end: int, step: int, lookback: int | None
) -> dict[str, Any]:
    """The answer to ``explain=1``; times are milliseconds here and seconds there. Raises `QueryError`."""
    return {
        "query": str(engine.parse(query)),
        "start": start / 1000,
        "end": end / 1000,
        "step": step / 1000,
        "steps": (end - start) // step + 1 if step else 1,
        "text": engine.explain(query, start, end, step),
        "plan": engine.describe(query, start, end, step, lookback_ms=lookback),
    }


def show_trace(result: QueryResult) -> dict[str, Any]:
    """``data.trace``. Raises `ValueError` for a result that was not traced."""
    if result.trace is None:
        raise ValueError("the query was not traced")
    stats = result.stats
    return {
        "parseSeconds": stats.parse_s,
        "planSeconds": stats.plan_s,
        "evalSeconds": stats.eval_s,
        "seriesRead": stats.series,
        "samplesRead": sum(record.samples for record in _all(result.trace)),
        "peakSamples": stats.peak_samples,
        "plan": _show(result.trace),
    }


def _all(record: OperatorTrace) -> list[OperatorTrace]:
    return [record, *(found for child in record.children for found in _all(child))]


def _show(record: OperatorTrace) -> dict[str, Any]:
    return {
        **operator(record.node),
        "calls": record.calls,
        "reused": record.reused,
        "ownSeconds": record.own_s,
        "totalSeconds": record.total_s,
        "busySeconds": record.busy_s,
        "indexSeconds": record.index_s,
        "readSeconds": record.read_s,
        "batches": record.batches,
        "seriesIn": record.series_in,
        "seriesOut": record.series,
        "steps": record.steps,
        "samplesRead": record.samples,
        "peakSamples": record.peak_cells,
        "children": [_show(child) for child in record.children],
    }
