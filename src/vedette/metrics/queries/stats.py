"""A query's statistics as the API and the query log show them."""

from __future__ import annotations

from typing import Any

from vedette.metrics.promql.result import QueryStats


def show_stats(stats: QueryStats, *, queued_s: float, steps: list[float] | None = None) -> dict[str, Any]:
    """``{"timings": {...}, "samples": {...}}``, times in seconds.

    `steps`: the times of the steps in seconds, when the samples of each are to be listed.
    """
    prepare = stats.parse_s + stats.plan_s
    total = prepare + stats.eval_s
    samples: dict[str, Any] = {}
    if stats.per_step is not None and steps is not None:
        samples["totalQueryableSamplesPerStep"] = [
            list(pair) for pair in zip(steps, stats.per_step.tolist(), strict=True)
        ]
    samples["totalQueryableSamples"] = stats.samples if stats.per_step is None else int(stats.per_step.sum())
    samples["peakSamples"] = stats.peak_samples
    return {
        "timings": {
            "evalTotalTime": total,
            "resultSortTime": stats.sort_s,
            "queryPreparationTime": prepare,
            "innerEvalTime": stats.eval_s - stats.sort_s,
            "execQueueTime": queued_s,
            "execTotalTime": queued_s + total,
        },
        "samples": samples,
    }
