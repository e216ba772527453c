"""What a function of range vectors is, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vedette.metrics.contract import SampleBatch
from vedette.metrics.promql.plan.nodes import Window
from vedette.metrics.promql.run.context import Context

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
Uint8s = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Windows:
    """Where the windows lie: one ends at ``first + i * step``, reaches back `span` ms, and is open on the left."""

    first: int
    step: int
    count: int
    span: int
    params: Float64s  # [count, width], the scalar arguments at each step

    def reached(self, timestamps: Int64s) -> Bools:
        """[count]: which windows hold at least one of these times, whatever their order."""
        times = np.sort(timestamps)
        ends = self.first + np.arange(self.count, dtype=np.int64) * self.step
        inside: Bools = np.searchsorted(times, ends, "right") > np.searchsorted(
            times, ends - self.span, "right"
        )
        return inside


@dataclass(slots=True)
class MixedWindow:
    """One window of one series that has histograms: what a function sees when the fast path can't be taken."""

    floats: Sequence[tuple[int, float]]
    histograms: Sequence[tuple[int, Any]]
    start: int
    end: int
    params: Float64s  # [width]
    metric: str
    ctx: Context
    pos: int  # of the range vector
    starts: Mapping[int, int] = field(
        default_factory=dict
    )  # time of a sample -> when its counter began, if known

    def warn(self, text: str) -> None:
        self.ctx.annotations.warn(text, self.pos)

    def info(self, text: str) -> None:
        self.ctx.annotations.info(text, self.pos)


# Fills `out` and `present`, both [rows, count], from columns without stale markers.
Kernel = Callable[[SampleBatch, Windows, Float64s, Uint8s], None]
# The value (a float, a histogram, or None for nothing) of a window that holds at least one histogram.
Mixed = Callable[[MixedWindow], Any]
# Looks at the scalar arguments of windows that hold samples: warns, or raises `ExecutionError`.
Check = Callable[[Context, Window, SampleBatch, Windows], None]


class _Module(Protocol):
    """A kernel module whose `run` takes the scalar arguments of windows, too."""

    def run(
        self,
        kind: int,
        offsets: Int64s,
        ts: Int64s,
        v: Float64s,
        first: int,
        step: int,
        span: int,
        params: Float64s,
        out: Float64s,
        present: Uint8s,
    ) -> None: ...


def kernel_of(module: _Module, kind: int) -> Kernel:
    """Function number `kind` of a kernel module."""

    def run(batch: SampleBatch, w: Windows, out: Float64s, present: Uint8s) -> None:
        columns = (batch.offsets, batch.timestamps, batch.values)
        module.run(kind, *columns, w.first, w.step, w.span, w.params, out, present)

    return run


@dataclass(frozen=True, slots=True)
class RangeFunction:
    """One function of range vectors."""

    name: str
    kernel: Kernel
    mixed: Mixed
    keeps_name: bool = False
    counter: bool = False  # says so when the metric's name does not look like a counter's
    check: Check | None = None


RANGE_FUNCTIONS: dict[str, RangeFunction] = {}


def register(*functions: RangeFunction) -> None:
    for function in functions:
        RANGE_FUNCTIONS[function.name] = function
