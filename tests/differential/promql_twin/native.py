"""Native histograms, bucket by bucket in dictionaries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.syntax.nodes import Binary, Node
from vedette.model.histogram import FloatHistogram, Hint
from vedette.model.values import is_stale

from .values import Value, divide, real

if TYPE_CHECKING:
    from .evaluate import Evaluation
    from .windows import Window

Cells = dict[int, float]


class Incompatible(Exception):
    """Exponential and custom buckets don't mix."""


def is_stale_value(value: Value) -> bool:
    return is_stale(value.sum if isinstance(value, FloatHistogram) else value)


# ---- hints -----------------------------------------------------------------------------------------------------


def hinted(samples: Sequence[tuple[int, Value]]) -> list[tuple[int, Value]]:
    """A store knows of each histogram after a histogram whether the counter went on."""
    out: list[tuple[int, Value]] = []
    for i, (time, value) in enumerate(samples):
        before = samples[i - 1][1] if i else None
        if (
            isinstance(value, FloatHistogram)
            and isinstance(before, FloatHistogram)
            and value.hint is Hint.UNKNOWN
            and before.hint is not Hint.GAUGE
        ):
            value = value.with_hint(Hint.RESET if is_reset(before, value) else Hint.NOT_RESET)
        out.append((time, value))
    return out


def unhinted(value: Value) -> Value:
    """What a subquery leaves of it: it may have skipped samples."""
    if isinstance(value, FloatHistogram) and value.hint in (Hint.RESET, Hint.NOT_RESET):
        return value.with_hint(Hint.UNKNOWN)
    return value


def _joined_hint(a: Hint, b: Hint) -> Hint:
    if a is b:
        return a
    return Hint.GAUGE if Hint.GAUGE in (a, b) else Hint.UNKNOWN


# ---- layout ----------------------------------------------------------------------------------------------------


def bound(index: int, schema: int) -> float:
    """The upper end of an exponential bucket."""
    return float(2.0 ** (index * 2.0**-schema))


def _coarser(cells: Cells, by: int) -> Cells:
    out: Cells = {}
    for index, count in cells.items():
        target = math.ceil(index / 2**by)
        out[target] = out.get(target, 0.0) + count
    return out


def at_schema(h: FloatHistogram, schema: int) -> FloatHistogram:
    by = h.schema - schema
    return replace(
        h, schema=schema, positive=_coarser(dict(h.positive), by), negative=_coarser(dict(h.negative), by)
    )


def with_zero(h: FloatHistogram, threshold: float) -> FloatHistogram:
    """A wider zero bucket; one that cuts a bucket with something in it grows to its end."""
    zero, sides = h.zero_count, [dict(h.positive), dict(h.negative)]
    while True:
        wanted = threshold
        for cells in sides:
            for index in sorted(cells):
                low, high = bound(index - 1, h.schema), bound(index, h.schema)
                if high <= threshold:
                    zero += cells.pop(index)
                elif low < threshold and cells[index]:
                    wanted = max(wanted, high)
        if wanted == threshold:
            return replace(h, zero_threshold=threshold, zero_count=zero, positive=sides[0], negative=sides[1])
        threshold = wanted


def at_bounds(h: FloatHistogram, bounds: tuple[float, ...]) -> FloatHistogram:
    out: Cells = {}
    for index, count in h.positive.items():
        upper = h.bounds[index] if index < len(h.bounds) else math.inf
        target = sum(b < upper for b in bounds)
        out[target] = out.get(target, 0.0) + count
    return replace(h, bounds=bounds, positive=out)


def alike(a: FloatHistogram, b: FloatHistogram) -> tuple[FloatHistogram, FloatHistogram, bool]:
    """Both in one layout; and whether custom bounds had to go."""
    if a.custom != b.custom:
        raise Incompatible
    if a.custom:
        if a.bounds == b.bounds:
            return a, b, False
        shared = tuple(x for x in a.bounds if x in b.bounds)
        return at_bounds(a, shared), at_bounds(b, shared), True
    while a.zero_threshold != b.zero_threshold:
        if a.zero_threshold < b.zero_threshold:
            a = with_zero(a, b.zero_threshold)
        else:
            b = with_zero(b, a.zero_threshold)
    schema = min(a.schema, b.schema)
    return at_schema(a, schema), at_schema(b, schema), False


# ---- arithmetic ------------------------------------------------------------------------------------------------


def _mapped(h: FloatHistogram, ufunc: Any, number: float) -> FloatHistogram:
    return replace(
        h,
        count=real(ufunc, h.count, number),
        sum=real(ufunc, h.sum, number),
        zero_count=real(ufunc, h.zero_count, number),
        positive={i: real(ufunc, c, number) for i, c in h.positive.items()},
        negative={i: real(ufunc, c, number) for i, c in h.negative.items()},
        hint=Hint.GAUGE if number < 0 else h.hint,
    )


def scaled(h: FloatHistogram, factor: float) -> FloatHistogram:
    return _mapped(h, np.multiply, factor)


def divided(h: FloatHistogram, by: float) -> FloatHistogram:
    found = _mapped(h, np.divide, by)
    return replace(found, positive={}, negative={}) if by == 0 else found


def plus(a: FloatHistogram, b: FloatHistogram, sign: float = 1.0) -> tuple[FloatHistogram, bool]:
    """The sum or difference, and whether custom bounds were reconciled."""
    a, b, reconciled = alike(a, b)
    sides = []
    for mine, theirs in ((a.positive, b.positive), (a.negative, b.negative)):
        sides.append({i: mine.get(i, 0.0) + sign * theirs.get(i, 0.0) for i in {*mine, *theirs}})
    return (
        replace(
            a,
            count=a.count + sign * b.count,
            sum=a.sum + sign * b.sum,
            zero_count=a.zero_count + sign * b.zero_count,
            positive=sides[0],
            negative=sides[1],
            hint=_joined_hint(a.hint, b.hint) if sign > 0 else Hint.GAUGE,
        ),
        reconciled,
    )


def compact(h: FloatHistogram) -> FloatHistogram:
    return replace(
        h,
        positive={i: c for i, c in h.positive.items() if c != 0},
        negative={i: c for i, c in h.negative.items() if c != 0},
    )


def equal(a: FloatHistogram, b: FloatHistogram) -> bool:
    def same(x: float, y: float) -> bool:
        return x == y or (x != x and y != y)

    a, b = compact(a), compact(b)
    return (
        (a.schema, a.bounds) == (b.schema, b.bounds)
        and same(a.count, b.count)
        and same(a.sum, b.sum)
        and same(a.zero_count, b.zero_count)
        and (a.custom or a.zero_threshold == b.zero_threshold)
        and a.positive == b.positive
        and a.negative == b.negative
    )


def is_reset(before: FloatHistogram, now: FloatHistogram) -> bool:
    """Whether a counter began anew."""
    if now.hint is Hint.RESET:
        return True
    if now.hint is Hint.NOT_RESET:
        return False
    if now.count < before.count or now.custom != before.custom:
        return True
    if now.custom:
        now, before, _ = alike(now, before)
    else:
        if now.schema > before.schema or now.zero_threshold < before.zero_threshold:
            return True
        wider = with_zero(before, now.zero_threshold)
        if wider.zero_threshold != now.zero_threshold or now.zero_count < wider.zero_count:
            return True
        before = at_schema(wider, now.schema)
    return any(c > now.positive.get(i, 0.0) for i, c in before.positive.items()) or any(
        c > now.negative.get(i, 0.0) for i, c in before.negative.items()
    )


# ---- in windows and groups ---------------------------------------------------------------------------------------


def rate(w: Window, points: list[tuple[int, FloatHistogram]], *, counter: bool) -> FloatHistogram | None:
    """How much was observed between the first and the last sample."""
    found = [h for _, h in points]
    first, last = found[0], found[-1]
    if counter and any(h.hint is Hint.GAUGE for h in found):
        w.warn(notes.native_not_counter(w.name))
    start = first
    if counter and is_reset(first, found[1]):
        start = FloatHistogram(found[1].schema, bounds=found[1].bounds)
    kinds = {h.custom for h in ([start, *found[1:]] if counter else [start, last])}
    if len(kinds) > 1:
        w.warn(notes.mixed_exponential_custom(w.name))
        return None
    result = last
    if counter and not last.custom:
        result = at_schema(last, min(h.schema for h in (start, *found[1:])))
    result, reconciled = plus(result, start, -1.0)
    if reconciled:
        w.inform(notes.reconciled_buckets("subtraction"))
    if counter:
        before = start
        for h in found[1:]:
            if is_reset(before, h):
                result, reconciled = plus(result, before)
                if reconciled:
                    w.inform(notes.reconciled_buckets("addition"))
            before = h
    elif first.hint is not Hint.GAUGE or last.hint is not Hint.GAUGE:
        w.warn(notes.native_not_gauge(w.name))
    return compact(result.with_hint(Hint.GAUGE))


def last_two(w: Window, a: FloatHistogram, b: FloatHistogram, *, counter: bool) -> FloatHistogram | None:
    gauges = [h.hint is Hint.GAUGE for h in (a, b)]
    if counter and any(gauges):
        w.warn(notes.native_not_counter(w.name))
    if not counter and not all(gauges):
        w.warn(notes.native_not_gauge(w.name))
    result = b
    if not counter or not is_reset(a, b):
        try:
            result, reconciled = plus(b, a, -1.0)
        except Incompatible:
            w.warn(notes.mixed_exponential_custom(w.name))
            return None
        if reconciled:
            w.inform(notes.reconciled_buckets("subtraction"))
    return compact(result.with_hint(Hint.GAUGE))


def _folded(found: list[FloatHistogram], *, average: bool) -> tuple[FloatHistogram, bool, bool]:
    """The sum or mean; whether resets conflict; whether bounds were reconciled."""
    hints = {h.hint for h in found}
    result, reconciled = found[0], False
    for h in found[1:]:
        result, reduced = plus(result, h)
        reconciled = reconciled or reduced
    if average:
        result = divided(result, float(len(found)))
    return result, {Hint.RESET, Hint.NOT_RESET} <= hints, reconciled


def total(w: Window, found: list[FloatHistogram], *, average: bool) -> FloatHistogram | None:
    """sum_over_time and avg_over_time."""
    try:
        result, conflict, reconciled = _folded(found, average=average)
    except Incompatible:
        w.warn(notes.mixed_exponential_custom(w.name))
        return None
    if conflict:
        w.warn(notes.conflicting_resets("aggregation"))
    if reconciled:
        w.inform(notes.reconciled_buckets("aggregation"))
    return result


def aggregated(
    ev: Evaluation, found: list[FloatHistogram], place: Node, *, average: bool
) -> FloatHistogram | None:
    """sum and avg over series."""
    try:
        result, conflict, reconciled = _folded(found, average=average)
    except Incompatible:
        ev.warn(notes.mixed_exponential_custom(""), place)
        return None
    if conflict:
        ev.warn(notes.conflicting_resets("aggregation"), place)
    if reconciled:
        ev.inform(notes.reconciled_buckets("aggregation"), place)
    return compact(result)


def binary(ev: Evaluation, node: Binary, a: Value, b: Value) -> tuple[Value, bool] | None:
    """An operator with a histogram on at least one side."""
    op = node.op
    if isinstance(a, FloatHistogram) and isinstance(b, FloatHistogram):
        if op in ("==", "!="):
            return a, equal(a, b) == (op == "==")
        if op in ("+", "-"):
            word = "addition" if op == "+" else "subtraction"
            try:
                result, reconciled = plus(a, b, 1.0 if op == "+" else -1.0)
            except Incompatible:
                ev.warn(notes.incompatible_layout(op), node)
                return None
            if {a.hint, b.hint} == {Hint.RESET, Hint.NOT_RESET}:
                ev.warn(notes.conflicting_resets(word), node)
            if reconciled:
                ev.inform(notes.reconciled_buckets(word), node)
            return compact(result), True
    elif isinstance(a, FloatHistogram) and not isinstance(b, FloatHistogram):
        if op == "*":
            return compact(scaled(a, b)), True
        if op == "/":
            return compact(divided(a, b)), True
    elif op == "*" and isinstance(b, FloatHistogram) and not isinstance(a, FloatHistogram):
        return compact(scaled(b, a)), True
    kinds = ["histogram" if isinstance(x, FloatHistogram) else "float" for x in (a, b)]
    ev.inform(notes.incompatible_types(kinds[0], op, kinds[1]), node)
    return None


# ---- one histogram -----------------------------------------------------------------------------------------------


def cells(h: FloatHistogram) -> list[tuple[float, float, float]]:
    """``(low, high, count)`` of every bucket with something in it, from the lowest. The zero bucket cuts its neighbours."""
    out = []
    zero = h.zero_threshold
    for index, count in h.negative.items():
        out.append((-bound(index, h.schema), min(-zero, -bound(index - 1, h.schema)), count))
    if h.zero_count > 0 and not h.custom:
        out.append((-h.zero_threshold, h.zero_threshold, h.zero_count))
    for index, count in h.positive.items():
        if h.custom:
            low = h.bounds[index - 1] if index else -math.inf
            out.append((low, h.bounds[index] if index < len(h.bounds) else math.inf, count))
        else:
            out.append((max(zero, bound(index - 1, h.schema)), bound(index, h.schema), count))
    return sorted(c for c in out if c[2])


def _narrowed(h: FloatHistogram, low: float, high: float) -> tuple[float, float]:
    """The zero bucket reaches to one side when there are buckets on that side only."""
    if not h.custom and low <= 0 <= high:
        if not h.negative and h.positive:
            low = 0.0
        elif not h.positive and h.negative:
            high = 0.0
    return low, high


def variance(h: FloatHistogram) -> float:
    mean = divide(h.sum, h.count)
    spread = 0.0
    for low, high, count in cells(h):
        if h.custom:
            middle = (low + high) / 2
        elif low <= 0 <= high:
            middle = 0.0
        else:
            middle = math.copysign(math.sqrt(low * high), high)
        spread = real(np.add, spread, real(np.multiply, count, real(np.square, middle - mean)))
    return divide(spread, h.count)


def quantile(ev: Evaluation, q: float, h: FloatHistogram, name: str, place: Node) -> float:
    if q < 0:
        return -math.inf
    if q > 1:
        return math.inf
    if h.count == 0 or q != q:
        return math.nan
    # Observations of NaN are in no bucket but in the count.
    from_below = h.sum != h.sum or q < 0.5
    rank = (q if from_below else 1 - q) * h.count
    found = cells(h) if from_below else cells(h)[::-1]
    passed, here = 0.0, (0.0, 0.0, 0.0)
    for here in found:
        passed += here[2]
        if passed >= rank:
            break
    low, high = _narrowed(h, here[0], here[1])
    count = here[2]
    passed = min(passed, h.count)
    if h.sum != h.sum and sum(c for _, _, c in found) < h.count:
        ev.inform(notes.nan_observations_quantile(name, nan_result=passed < rank or not found), place)
    if passed < rank or not found:
        return math.nan
    if h.custom:
        if low == -math.inf:
            if high <= 0:
                return high
            low = 0.0
        elif high == math.inf:
            return low
    share = (rank - (passed - count) if from_below else passed - rank) / count
    if h.custom or low <= 0 <= high:
        return low + (high - low) * share
    a, b = math.log2(abs(low)), math.log2(abs(high))
    if low > 0:
        return float(2.0 ** (a + (b - a) * share))
    return -float(2.0 ** (b + (a - b) * (1 - share)))


def fraction(ev: Evaluation, low: float, high: float, h: FloatHistogram, name: str, place: Node) -> float:
    if h.count == 0 or low != low or high != high:
        return math.nan
    if low >= high:
        return 0.0
    if h.sum != h.sum and sum(c for _, _, c in cells(h)) < h.count:
        ev.inform(notes.nan_observations_fraction(name), place)

    def below(value: float) -> float:
        rank = 0.0
        for start, end, count in cells(h):
            # Custom buckets around zero, too, reach to one side only.
            if start <= 0 <= end and not h.negative and h.positive:
                start = 0.0
            elif start <= 0 <= end and not h.positive and h.negative:
                end = 0.0
            if start >= value:
                break
            if end > value:
                return rank + count * _share(h, start, end, value)
            rank += count
        return rank

    return (below(high) - below(low)) / h.count


def _share(h: FloatHistogram, start: float, end: float, value: float) -> float:
    if h.custom or start <= 0 <= end:
        # What lies in a bucket without an end lies there.
        return 0.0 if end == math.inf else 1.0 if start == -math.inf else (value - start) / (end - start)
    a, b, v = (math.log2(abs(x)) for x in (start, end, value))
    return (v - a) / (b - a) if value > 0 else 1 - (v - b) / (a - b)
