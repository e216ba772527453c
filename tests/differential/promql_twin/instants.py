"""Functions over instant vectors and scalars, one time after the other."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cmp_to_key
from typing import TYPE_CHECKING

import numpy as np

from vedette.metrics.promql.syntax.nodes import Call, Selector, ValueType, unwrap
from vedette.metrics.promql.syntax.signatures import SIGNATURES
from vedette.model.histogram import FloatHistogram

from . import buckets, calendar, native
from .values import Row, Sample, go_max, go_min, key, real
from .windows import absent_labels

if TYPE_CHECKING:
    from .evaluate import Evaluation

Function = Callable[["Evaluation", Call, int, list[list[Sample]]], list[Sample]]


def rows(ev: Evaluation, call: Call, times: list[int]) -> list[Row]:
    name = call.function
    if name == "timestamp" and isinstance(unwrap(call.args[0]), Selector):
        return _timestamps(ev, call, times)
    types = SIGNATURES[name].args
    arguments = []
    for i, arg in enumerate(call.args):
        text = types[min(i, len(types) - 1)] is ValueType.STRING
        arguments.append([] if text else ev.rows(arg, times))
    return ev.per_step(times, arguments, lambda time, vectors: FUNCTIONS[name](ev, call, time, vectors))


def _timestamps(ev: Evaluation, call: Call, times: list[int]) -> list[Row]:
    """Of a bare selector: when the sample was taken."""
    selector = unwrap(call.args[0])
    assert isinstance(selector, Selector)

    def step(time: int, _: list[list[Sample]]) -> list[Sample]:
        out = []
        for labels, samples in ev.matching(selector):
            found = ev.newest(samples, ev.moment(selector.at, selector.offset, time))
            if found is not None:
                out.append(Sample(ev.dropped(dict(labels)), found[0] / 1000, True))
        return out

    return ev.per_step(times, [], step)


def _floats(ev: Evaluation, samples: list[Sample], function: Callable[[float], float]) -> list[Sample]:
    return [
        Sample(ev.dropped(s.labels), function(s.float), True)
        for s in samples
        if not isinstance(s.value, FloatHistogram)
    ]


def _histograms(
    ev: Evaluation, samples: list[Sample], function: Callable[[FloatHistogram], float]
) -> list[Sample]:
    return [
        Sample(ev.dropped(s.labels), function(s.value), True)
        for s in samples
        if isinstance(s.value, FloatHistogram)
    ]


def _number(samples: list[Sample]) -> float:
    return samples[0].float


def _plain(ufunc: np.ufunc) -> Function:
    return lambda ev, call, time, args: _floats(ev, args[0], lambda v: real(ufunc, v))


def _sign(v: float) -> float:
    return -1.0 if v < 0 else 1.0 if v > 0 else v


def _round(ev: Evaluation, call: Call, time: int, args: list[list[Sample]]) -> list[Sample]:
    inverse = real(np.divide, 1.0, _number(args[1]) if len(args) > 1 else 1.0)

    def nearest(v: float) -> float:
        return real(np.divide, real(np.floor, real(np.multiply, v, inverse) + 0.5), inverse)

    return _floats(ev, args[0], nearest)


def _clamp(ev: Evaluation, samples: list[Sample], low: float, high: float) -> list[Sample]:
    if high < low:
        return []
    return _floats(ev, samples, lambda v: go_max(low, go_min(high, v)))


def _scalar(ev: Evaluation, call: Call, time: int, args: list[list[Sample]]) -> list[Sample]:
    floats = [s.float for s in args[0] if not isinstance(s.value, FloatHistogram)]
    return [Sample({}, floats[0] if len(floats) == 1 else math.nan)]


def _absent(ev: Evaluation, call: Call, time: int, args: list[list[Sample]]) -> list[Sample]:
    inner = unwrap(call.args[0])
    return [] if args[0] else [Sample(absent_labels(inner if isinstance(inner, Selector) else None), 1.0)]


def _sort(ev: Evaluation, call: Call, time: int, args: list[list[Sample]]) -> list[Sample]:
    """NaN last, both ways."""
    floats = [s for s in args[0] if not isinstance(s.value, FloatHistogram)]
    sign = -1.0 if call.function == "sort_desc" else 1.0
    return sorted(floats, key=lambda s: (1, 0.0) if s.float != s.float else (0, sign * s.float))


def _naturally_before(left: str, right: str) -> bool:
    """Runs of digits compare as numbers with one another, everything else as text."""
    a, b = (re.findall(r"\d+|\D+", text) for text in (left, right))
    for x, y in zip(a, b, strict=False):
        if x.isdigit() and y.isdigit():
            if int(x) != int(y):
                return int(x) < int(y)
        elif x != y:
            return x < y
    return len(a) <= len(b)


def _sort_by_label(ev: Evaluation, call: Call, time: int, args: list[list[Sample]]) -> list[Sample]:
    labels = [ev.text(a) for a in call.args[1:]]

    def order(a: Sample, b: Sample) -> int:
        for label in labels:
            left, right = a.labels.get(label, ""), b.labels.get(label, "")
            if left != right:
                return -1 if _naturally_before(left, right) else 1
        return -1 if key(a.labels) < key(b.labels) else 1

    out = sorted(args[0], key=cmp_to_key(order))
    return out[::-1] if call.function.endswith("_desc") else out


def _date(ev: Evaluation, call: Call, time: int, args: list[list[Sample]]) -> list[Sample]:
    part = calendar.PARTS[call.function]
    if not args:
        return [Sample({}, float(part(time // 1000)))]
    return _floats(ev, args[0], lambda v: float(part(calendar.go_seconds(v))))


FUNCTIONS: dict[str, Function] = {
    "abs": _plain(np.abs),
    "ceil": _plain(np.ceil),
    "floor": _plain(np.floor),
    "exp": _plain(np.exp),
    "sqrt": _plain(np.sqrt),
    "ln": _plain(np.log),
    "log2": _plain(np.log2),
    "log10": _plain(np.log10),
    "sin": _plain(np.sin),
    "cos": _plain(np.cos),
    "tan": _plain(np.tan),
    "asin": _plain(np.arcsin),
    "acos": _plain(np.arccos),
    "atan": _plain(np.arctan),
    "sinh": _plain(np.sinh),
    "cosh": _plain(np.cosh),
    "tanh": _plain(np.tanh),
    "asinh": _plain(np.arcsinh),
    "acosh": _plain(np.arccosh),
    "atanh": _plain(np.arctanh),
    "rad": lambda ev, call, time, args: _floats(ev, args[0], lambda v: v * math.pi / 180),
    "deg": lambda ev, call, time, args: _floats(ev, args[0], lambda v: v * 180 / math.pi),
    "sgn": lambda ev, call, time, args: _floats(ev, args[0], _sign),
    "round": _round,
    "clamp": lambda ev, call, time, args: _clamp(ev, args[0], _number(args[1]), _number(args[2])),
    "clamp_min": lambda ev, call, time, args: _clamp(ev, args[0], _number(args[1]), math.inf),
    "clamp_max": lambda ev, call, time, args: _clamp(ev, args[0], -math.inf, _number(args[1])),
    "pi": lambda ev, call, time, args: [Sample({}, math.pi)],
    "time": lambda ev, call, time, args: [Sample({}, time / 1000)],
    "start": lambda ev, call, time, args: [Sample({}, ev.start / 1000)],
    "end": lambda ev, call, time, args: [Sample({}, ev.end / 1000)],
    "step": lambda ev, call, time, args: [Sample({}, ev.step / 1000)],
    "range": lambda ev, call, time, args: [Sample({}, (ev.end - ev.start) / 1000)],
    "min_of": lambda ev, call, time, args: [Sample({}, go_min(_number(args[0]), _number(args[1])))],
    "max_of": lambda ev, call, time, args: [Sample({}, go_max(_number(args[0]), _number(args[1])))],
    "scalar": _scalar,
    "vector": lambda ev, call, time, args: [Sample({}, _number(args[0]))],
    "absent": _absent,
    "timestamp": lambda ev, call, time, args: [
        Sample(ev.dropped(s.labels), time / 1000, True) for s in args[0]
    ],
    "sort": _sort,
    "sort_desc": _sort,
    "sort_by_label": _sort_by_label,
    "sort_by_label_desc": _sort_by_label,
    "histogram_count": lambda ev, call, time, args: _histograms(ev, args[0], lambda h: h.count),
    "histogram_sum": lambda ev, call, time, args: _histograms(ev, args[0], lambda h: h.sum),
    "histogram_avg": lambda ev, call, time, args: _histograms(
        ev, args[0], lambda h: real(np.divide, h.sum, h.count)
    ),
    "histogram_stdvar": lambda ev, call, time, args: _histograms(ev, args[0], native.variance),
    "histogram_stddev": lambda ev, call, time, args: _histograms(
        ev, args[0], lambda h: real(np.sqrt, native.variance(h))
    ),
    "histogram_quantile": buckets.histogram_quantile,
    "histogram_quantiles": buckets.histogram_quantiles,
    "histogram_fraction": buckets.histogram_fraction,
    **dict.fromkeys(calendar.PARTS, _date),
}
