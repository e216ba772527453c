"""What the evaluator passes around, and the arithmetic of doubles as Go has it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from vedette.model.histogram import FloatHistogram

Value = float | FloatHistogram
Labels = dict[str, str]
Key = tuple[tuple[str, str], ...]

NAME = "__name__"
DUPLICATE = "vector cannot contain metrics with the same labelset"


class Refused(Exception):
    """The query has no answer."""


@dataclass(slots=True)
class Sample:
    """One element of an instant vector. `time` matters to `timestamp` only. `drop`: the name goes at the end."""

    labels: Labels
    value: Value
    drop: bool = False
    time: int = 0

    @property
    def float(self) -> float:
        assert not isinstance(self.value, FloatHistogram)
        return self.value

    @property
    def histogram(self) -> FloatHistogram | None:
        return self.value if isinstance(self.value, FloatHistogram) else None


@dataclass(slots=True)
class Row:
    """One series of an intermediate result, by evaluation time."""

    labels: Labels
    points: dict[int, Value] = field(default_factory=dict)
    drop: bool = False


def key(labels: Labels) -> Key:
    return tuple(sorted((n, v) for n, v in labels.items() if v != ""))


def without(labels: Labels, *names: str) -> Labels:
    return {n: v for n, v in labels.items() if n not in names}


def only(labels: Labels, *names: str) -> Labels:
    return {n: v for n, v in labels.items() if n in names}


def merge_rows(rows: list[Row]) -> list[Row]:
    """Rows with equal labels become one; two points at one time are an error."""
    found: dict[Key, Row] = {}
    for row in rows:
        known = found.setdefault(key(row.labels), row)
        if known is not row:
            if known.points.keys() & row.points.keys():
                raise Refused(DUPLICATE)
            known.points = {**known.points, **row.points}
    return list(found.values())


def has_duplicates(sets: list[Labels]) -> bool:
    return len({key(labels) for labels in sets}) != len(sets)


# ---- doubles ---------------------------------------------------------------------------------------------------


def real(function: np.ufunc, *args: float) -> float:
    """A numpy function on plain numbers, in IEEE silence."""
    with np.errstate(all="ignore"):
        return float(function(*(np.float64(a) for a in args)))


def divide(a: float, b: float) -> float:
    return real(np.divide, a, b)


def arithmetic(op: str, a: float, b: float) -> float:
    if op == "^" and a == -math.inf and b == 0.5:
        # The one power that numpy takes for a square root.
        return math.inf
    table = {
        "+": np.add,
        "-": np.subtract,
        "*": np.multiply,
        "/": np.divide,
        "%": np.fmod,
        "^": np.power,
        "atan2": np.arctan2,
    }
    return real(table[op], a, b)


def compare(op: str, a: float, b: float) -> bool:
    return {"==": a == b, "!=": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op]


class KahanSum:
    """Neumaier's sum. Release 2.42 let the compensation of an infinite sum become NaN."""

    def __init__(self, *, old: bool = False, total: float = 0.0, lost: float = 0.0) -> None:
        self.total, self.lost, self.old = total, lost, old

    def add(self, x: float) -> None:
        new = real(np.add, self.total, x)
        if math.isinf(new) and not self.old:
            self.lost = 0.0
        elif abs(self.total) >= abs(x):
            self.lost += (self.total - new) + x
        else:
            self.lost += (x - new) + self.total
        self.total = new


def go_max(a: float, b: float) -> float:
    if math.inf in (a, b):
        return math.inf
    if a != a or b != b:
        return math.nan
    return max(a, b)


def go_min(a: float, b: float) -> float:
    if -math.inf in (a, b):
        return -math.inf
    if a != a or b != b:
        return math.nan
    return min(a, b)


def quantile(q: float, values: list[float]) -> float:
    """NaN is the smallest value."""
    if not values or q != q:
        return math.nan
    if q < 0:
        return -math.inf
    if q > 1:
        return math.inf
    ordered = sorted(values, key=lambda v: (0, 0.0) if v != v else (1, v))
    rank = q * (len(values) - 1)
    low = max(0, math.floor(rank))
    high = min(len(values) - 1, low + 1)
    weight = rank - math.floor(rank)
    return real(np.add, real(np.multiply, ordered[low], 1 - weight), real(np.multiply, ordered[high], weight))
