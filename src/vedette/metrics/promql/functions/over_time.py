"""The `*_over_time` family."""

from __future__ import annotations

import numpy as np

from vedette.kernels import window_reduce
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.functions import mixed
from vedette.metrics.promql.functions.ranges import (
    Kernel,
    RangeFunction,
    Windows,
    kernel_of,
    register,
)
from vedette.metrics.promql.plan.nodes import Window
from vedette.metrics.promql.run.context import Context


def _kernel(kind: int) -> Kernel:
    return kernel_of(window_reduce, kind)


def _check_quantile(ctx: Context, node: Window, batch: SampleBatch, windows: Windows) -> None:
    """Says which quantiles are none, of windows with something to take a quantile of."""
    wrong = ~((windows.params[:, 0] >= 0) & (windows.params[:, 0] <= 1))
    if not wrong.any():
        return
    times = batch.timestamps
    if batch.histograms is not None:
        times = times[np.fromiter((h is None for h in batch.histograms), np.bool_, len(times))]
    hit = wrong & windows.reached(times)
    for q in dict.fromkeys(windows.params[hit, 0].tolist()):
        ctx.annotations.warn(notes.invalid_quantile(q), node.params[0].pos)


register(
    RangeFunction("sum_over_time", _kernel(0), mixed.summed(average=False)),
    RangeFunction("avg_over_time", _kernel(1), mixed.summed(average=True)),
    RangeFunction("stdvar_over_time", _kernel(2), mixed.floats_only(_kernel(2))),
    RangeFunction("stddev_over_time", _kernel(3), mixed.floats_only(_kernel(3))),
    RangeFunction("min_over_time", _kernel(4), mixed.floats_only(_kernel(4))),
    RangeFunction("max_over_time", _kernel(5), mixed.floats_only(_kernel(5))),
    RangeFunction("count_over_time", _kernel(6), mixed.count),
    RangeFunction("first_over_time", _kernel(7), mixed.edge(last=False), keeps_name=True),
    RangeFunction("last_over_time", _kernel(8), mixed.edge(last=True), keeps_name=True),
    RangeFunction("present_over_time", _kernel(9), mixed.one),
    RangeFunction("quantile_over_time", _kernel(10), mixed.floats_only(_kernel(10)), check=_check_quantile),
    RangeFunction("mad_over_time", _kernel(11), mixed.floats_only(_kernel(11))),
    RangeFunction("ts_of_first_over_time", _kernel(12), mixed.edge_time(last=False)),
    RangeFunction("ts_of_last_over_time", _kernel(13), mixed.edge_time(last=True)),
    RangeFunction("ts_of_min_over_time", _kernel(14), mixed.floats_only(_kernel(14))),
    RangeFunction("ts_of_max_over_time", _kernel(15), mixed.floats_only(_kernel(15))),
)
