"""deriv, predict_linear, double_exponential_smoothing."""

from __future__ import annotations

import numpy as np

from vedette.kernels import window_trend
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql.errors import ExecutionError
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
from vedette.template.floats import format_float


def _kernel(kind: int) -> Kernel:
    return kernel_of(window_trend, kind)


def _check_factors(ctx: Context, node: Window, batch: SampleBatch, windows: Windows) -> None:
    """Both factors lie between 0 and 1 wherever there is something to smooth."""
    wrong = (windows.params <= 0) | (windows.params >= 1)
    if not wrong.any():
        return
    for step in np.flatnonzero(wrong.any(axis=1) & windows.reached(batch.timestamps)).tolist():
        for column, what in enumerate(("smoothing", "trend")):
            if wrong[step, column]:
                factor = format_float(float(windows.params[step, column]), "f", 6)
                raise ExecutionError(f"invalid {what} factor. Expected: 0 < {what[0]}f < 1, got: {factor}")


register(
    RangeFunction("deriv", _kernel(0), mixed.floats_only(_kernel(0), least=2)),
    RangeFunction("predict_linear", _kernel(1), mixed.floats_only(_kernel(1), least=2)),
    RangeFunction(
        "double_exponential_smoothing",
        _kernel(2),
        mixed.floats_only(_kernel(2), least=2),
        check=_check_factors,
    ),
)
