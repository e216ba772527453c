"""deriv, predict_linear, double_exponential_smoothing."""

from __future__ import annotations

from vedette.kernels import window_trend
from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql.errors import ExecutionError
from vedette.metrics.promql.functions import mixed
from vedette.metrics.promql.functions.ranges import (
    Float64s,
    Kernel,
    RangeFunction,
    Uint8s,
    Windows,
    register,
)


def _kernel(kind: int) -> Kernel:
    def run(batch: SampleBatch, w: Windows, out: Float64s, present: Uint8s) -> None:
        window_trend.run(
            kind,
            batch.offsets,
            batch.timestamps,
            batch.values,
            w.first,
            w.step,
            w.span,
            w.params,
            out,
            present,
        )

    return run


def _check_factors(params: Float64s) -> None:
    for column, what in enumerate(("smoothing", "trend")):
        for factor in params[:, column].tolist():
            if not 0 < factor < 1:
                short = what[0]
                raise ExecutionError(f"invalid {what} factor. Expected: 0 < {short}f < 1, got: {factor:f}")


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
