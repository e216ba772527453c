"""Many histograms of one layout as rows of numbers: what is done to all of them at once, kernels do.

Columns are count, sum, zero count, then the positive and the negative buckets, each side from its lowest index to its
highest, without gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vedette.model.histogram import FloatHistogram, Hint

Float64s = npt.NDArray[np.float64]
Kind = tuple[int, float, tuple[float, ...]]

# Beyond this many columns the gaps would cost more than they bring.
_WIDEST = 4096
_SCALARS = 3
COUNT = 0


@dataclass(frozen=True, slots=True)
class Layout:
    schema: int
    zero_threshold: float
    bounds: tuple[float, ...]
    positive: range
    negative: range

    @property
    def width(self) -> int:
        return _SCALARS + len(self.positive) + len(self.negative)


def kind_of(histograms: Sequence[FloatHistogram]) -> Kind | None:
    """Schema, zero threshold and bounds, when all have the same."""
    first = histograms[0]
    kind = (first.schema, first.zero_threshold, first.bounds)
    same = all((h.schema, h.zero_threshold, h.bounds) == kind for h in histograms)
    return kind if same else None


def layout_of(histograms: Sequence[FloatHistogram]) -> Layout | None:
    """The layout that all share; None when they do not, or when it is too wide to be written out."""
    kind = kind_of(histograms)
    if kind is None:
        return None
    layout = Layout(*kind, _span([h.positive for h in histograms]), _span([h.negative for h in histograms]))
    return layout if layout.width <= _WIDEST else None


def _span(sides: Sequence[object]) -> range:
    low, high = 0, 0
    for side in sides:
        if side:
            assert isinstance(side, dict)
            least, most = min(side), max(side) + 1
            low, high = (least, most) if low == high else (min(low, least), max(high, most))
    return range(low, high)


def pack(layout: Layout, histograms: Sequence[FloatHistogram]) -> Float64s:
    """[histograms, columns]."""
    out = np.zeros((len(histograms), layout.width))
    positive = _SCALARS - layout.positive.start
    negative = _SCALARS + len(layout.positive) - layout.negative.start
    for row, h in zip(out, histograms, strict=True):
        row[0], row[1], row[2] = h.count, h.sum, h.zero_count
        if h.positive:
            row[[i + positive for i in h.positive]] = list(h.positive.values())
        if h.negative:
            row[[i + negative for i in h.negative]] = list(h.negative.values())
    return out


def unpack(layout: Layout, rows: Float64s, hints: Sequence[Hint]) -> list[FloatHistogram]:
    """The histograms again, without buckets that count nothing."""
    middle = _SCALARS + len(layout.positive)
    out = []
    for row, hint in zip(rows.tolist(), hints, strict=True):
        positive = {i: n for i, n in zip(layout.positive, row[_SCALARS:middle], strict=True) if n != 0}
        negative = {i: n for i, n in zip(layout.negative, row[middle:], strict=True) if n != 0}
        out.append(
            FloatHistogram(
                layout.schema,
                row[0],
                row[1],
                layout.zero_threshold,
                row[2],
                positive,
                negative,
                layout.bounds,
                hint,
            )
        )
    return out
