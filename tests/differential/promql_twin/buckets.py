"""Quantiles and fractions of histograms, classic ones first of all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.syntax.nodes import Call, Expr, unwrap
from vedette.model.histogram import FloatHistogram
from vedette.model.labels import quote
from vedette.model.values import format_value, parse_go_float

from . import native
from .values import NAME, Key, Labels, Sample, divide, key, real, without

if TYPE_CHECKING:
    from .evaluate import Evaluation

Buckets = list[tuple[float, float]]  # upper bound, count


@dataclass(slots=True)
class Classic:
    labels: Labels
    buckets: Buckets = field(default_factory=list)


def _apart(ev: Evaluation, samples: list[Sample], arg: Expr) -> tuple[list[Sample], list[Classic]]:
    """Native histograms, and classic ones by their labels without `le`."""
    place = unwrap(arg)
    found: list[Sample] = []
    classic: dict[Key, Classic] = {}
    for sample in samples:
        if isinstance(sample.value, FloatHistogram):
            found.append(sample)
            continue
        text = sample.labels.get("le", "")
        name = sample.labels.get(NAME, "") if ev.delayed else ""
        try:
            bound = parse_go_float(text)
        except ValueError:
            ev.warn(notes.bad_bucket_label(text, name), place)
            continue
        labels = without(sample.labels, "le", NAME) if ev.old else without(sample.labels, "le")
        classic.setdefault(key(labels), Classic(labels)).buckets.append((bound, sample.float))
    kept = []
    for sample in found:
        if key(sample.labels) in classic:
            name = sample.labels.get(NAME, "") if ev.delayed else ""
            ev.warn(notes.mixed_classic_native(name), place)
            del classic[key(sample.labels)]
        else:
            kept.append(sample)
    return kept, list(classic.values())


def histogram_quantile(ev: Evaluation, call: Call, time: int, args: list[list[Sample]]) -> list[Sample]:
    q = args[0][0].float
    _check(ev, q, call.args[0])
    found, classic = _apart(ev, args[1], call.args[1])
    return _quantiles(ev, q, time, found, classic, call.args[1], None)


def histogram_quantiles(ev: Evaluation, call: Call, time: int, args: list[list[Sample]]) -> list[Sample]:
    label = ev.text(call.args[1])
    qs = [a[0].float for a in args[2:]]
    for q, arg in zip(qs, call.args[2:], strict=True):
        _check(ev, q, arg)
    found, classic = _apart(ev, args[0], call.args[0])
    out = []
    for q in qs:
        text = format_value(q)
        if not any(c in text for c in ".eIN"):
            text += ".0"
        out += _quantiles(ev, q, time, found, classic, call.args[0], (label, text))
    return out


def _check(ev: Evaluation, q: float, arg: Expr) -> None:
    if not 0 <= q <= 1:
        ev.warn(notes.invalid_quantile(q), unwrap(arg))


def _quantiles(
    ev: Evaluation,
    q: float,
    time: int,
    found: list[Sample],
    classic: list[Classic],
    arg: Expr,
    extra: tuple[str, str] | None,
) -> list[Sample]:
    out = []
    more = {} if extra is None else dict([extra])
    for sample in found:
        assert isinstance(sample.value, FloatHistogram)
        labels = ev.dropped(sample.labels)
        value = native.quantile(ev, q, sample.value, labels.get(NAME, ""), unwrap(arg))
        out.append(Sample({**labels, **more}, value, True))
    for one in classic:
        value, fixed = bucket_quantile(q, one.buckets, old=ev.old)
        if fixed is not None:
            name = one.labels.get(NAME, "") if ev.delayed else ""
            place = ev.place(unwrap(arg))
            known = ev.lifted.get(_lifted(name))
            before = known[1] if known is not None and known[0] == place else []
            ev.lifted[_lifted(name)] = (place, [*before, (*fixed, time)])
        out.append(Sample({**ev.dropped(one.labels), **more}, value, True))
    return out


def histogram_fraction(ev: Evaluation, call: Call, time: int, args: list[list[Sample]]) -> list[Sample]:
    low, high = args[0][0].float, args[1][0].float
    found, classic = _apart(ev, args[2], call.args[2])
    out = []
    for sample in found:
        assert isinstance(sample.value, FloatHistogram)
        labels = ev.dropped(sample.labels)
        value = native.fraction(ev, low, high, sample.value, labels.get(NAME, ""), unwrap(call.args[2]))
        out.append(Sample(labels, value, True))
    return out + [
        Sample(ev.dropped(one.labels), bucket_fraction(low, high, one.buckets), True) for one in classic
    ]


def _lifted(name: str) -> str:
    return (
        "input to histogram_quantile needed to be fixed for monotonicity (see "
        "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
        + (f" for metric name {quote(name)}" if name else "")
    )


# ---- one classic histogram -----------------------------------------------------------------------------------------


def _merged(buckets: Buckets) -> Buckets:
    """Sorted, and equal bounds one."""
    merged: Buckets = []
    for bound, count in sorted(buckets, key=lambda b: b[0]):
        if merged and merged[-1][0] == bound:
            merged[-1] = (bound, merged[-1][1] + count)
        else:
            merged.append((bound, count))
    return merged


def _prepared(buckets: Buckets, *, old: bool) -> tuple[Buckets, tuple[float, float, float] | None]:
    """With counts made to rise; where they had to be lifted, from which to which bound and by how much."""
    merged = _merged(buckets)
    out = merged[:1]
    low, high, most = math.inf, -math.inf, 0.0
    for bound, count in merged[1:]:
        before = out[-1][1]
        if old:
            lifted = before if count < before else count
        elif count == before or _almost(before, count):
            lifted = before
        elif count < before:
            lifted = before
            low, high, most = min(low, bound), max(high, bound), max(most, before - count)
        else:
            lifted = count
        out.append((bound, lifted))
    return out, (low, high, most) if most else None


def _almost(a: float, b: float, tolerance: float = 1e-12) -> bool:
    if (a != a and b != b) or a == b:
        return True
    both, apart = abs(a) + abs(b), abs(a - b)
    smallest = 2.2250738585072014e-308
    if a == 0 or b == 0 or both < smallest:
        return apart < tolerance * smallest
    return real(np.divide, apart, min(both, 1.7976931348623157e308)) < tolerance


def bucket_quantile(
    q: float, buckets: Buckets, *, old: bool
) -> tuple[float, tuple[float, float, float] | None]:
    if q != q:
        return math.nan, None
    if q < 0:
        return -math.inf, None
    if q > 1:
        return math.inf, None
    if max(b for b, _ in buckets) != math.inf:
        return math.nan, None
    rising, fixed = _prepared(buckets, old=old)
    if len(rising) < 2 or rising[-1][1] == 0:
        return math.nan, None
    rank = q * rising[-1][1]
    # A binary search over all but the last, as long as the counts rise; NaN counts lead it astray in the same way.
    low, high = 0, len(rising) - 1
    while low < high:
        middle = (low + high) // 2
        if rising[middle][1] >= rank:
            high = middle
        else:
            low = middle + 1
    if low == len(rising) - 1:
        return rising[-2][0], fixed
    if low == 0 and rising[0][0] <= 0:
        return rising[0][0], fixed
    start, count = 0.0, rising[low][1]
    if low > 0:
        start = rising[low - 1][0]
        count -= rising[low - 1][1]
        rank -= rising[low - 1][1]
    return start + (rising[low][0] - start) * divide(rank, count), fixed


def bucket_fraction(low: float, high: float, buckets: Buckets) -> float:
    if max(b for b, _ in buckets) != math.inf:
        return math.nan
    merged = _merged(buckets)
    total = merged[-1][1]
    if total == 0 or low != low or high != high:
        return math.nan
    if low >= high:
        return 0.0

    def below(value: float) -> float:
        rank, start = 0.0, 0.0 if merged[0][0] > 0 else -math.inf
        for bound, count in merged:
            if start >= value:
                return min(rank, total)
            if bound > value:
                whole = start == -math.inf
                share = 1.0 if whole else divide(value - start, bound - start)
                return min(total, rank + (count - rank) * share)
            rank, start = count, bound
        return total

    return (below(high) - below(low)) / total
