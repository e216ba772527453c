"""Aggregations: the samples of each group at one time."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.label_hash import hash_labels
from vedette.metrics.promql.syntax.nodes import Aggregation, Node, unwrap
from vedette.model import labels as model
from vedette.model.histogram import FloatHistogram

from . import native
from .values import DUPLICATE, NAME, KahanSum, Labels, Refused, Row, Value, key, only, quantile, real, without
from .windows import mean

if TYPE_CHECKING:
    from .evaluate import Evaluation

CHOOSERS = ("topk", "bottomk", "limitk", "limit_ratio")
Member = tuple[Row, Value]


def rows(ev: Evaluation, node: Aggregation, times: list[int]) -> list[Row]:
    op = node.op
    if op == "count_values":
        return _count_values(ev, node, times)
    params = {} if node.param is None else ev.scalar(node.param, times)
    inner = ev.rows(node.expr, times)
    if op in CHOOSERS:
        return _choose(ev, node, inner, times, params)
    if op == "quantile":
        _check_quantile(ev, node, params)
    groups: dict[object, tuple[Labels, list[Row]]] = {}
    for row in inner:
        labels = _group_labels(node, row.labels)
        groups.setdefault(key(labels), (labels, []))[1].append(row)
    out = []
    for labels, members in groups.values():
        result = Row(labels)
        for time in times:
            here = [(r, r.points[time]) for r in members if time in r.points]
            if not here:
                continue
            value = _reduce(ev, node, here, params.get(time, 0.0))
            if value is not None:
                result.points[time] = value
                # Whether the name goes is what the last step says.
                result.drop = any(r.drop for r, _ in here)
        if result.points:
            out.append(result)
    return out


def _group_labels(node: Aggregation, labels: Labels) -> Labels:
    if node.without:
        return without(labels, NAME, *node.grouping)
    return only(labels, *node.grouping)


def _ignored(ev: Evaluation, node: Aggregation, here: list[Member], place: Node) -> list[float]:
    """The floats, with a note when there are histograms."""
    if any(isinstance(v, FloatHistogram) for _, v in here):
        ev.inform(notes.ignored_in_aggregation(node.op), place)
    return [v for _, v in here if not isinstance(v, FloatHistogram)]


def _reduce(ev: Evaluation, node: Aggregation, here: list[Member], param: float) -> Value | None:
    op = node.op
    if op == "count":
        return float(len(here))
    if op == "group":
        return 1.0
    place = unwrap(node.expr)
    if op in ("sum", "avg"):
        return _sum_or_mean(ev, node, here)
    floats = _ignored(ev, node, here, place)
    if not floats:
        return None
    if op == "quantile":
        return quantile(param, floats)
    if op in ("min", "max"):
        best = floats[0]
        for value in floats[1:]:
            if best != best or (value > best if op == "max" else value < best):
                best = value
        return best
    return _spread(ev, floats, root=op == "stddev")


def _spread(ev: Evaluation, floats: list[float], *, root: bool) -> float:
    first = floats[0]
    middle = first
    total = math.nan if not ev.old and not math.isfinite(first) else 0.0
    for n, value in enumerate(floats[1:], 2):
        delta = value - middle
        middle += delta / n
        total += real(np.multiply, delta, value - middle)
    found = total / len(floats)
    return real(np.sqrt, found) if root else found


def _sum_or_mean(ev: Evaluation, node: Aggregation, here: list[Member]) -> Value | None:
    place = unwrap(node.expr)
    floats = [v for _, v in here if not isinstance(v, FloatHistogram)]
    histograms = [v for _, v in here if isinstance(v, FloatHistogram)]
    if floats and histograms:
        ev.warn(notes.mixed_floats_histograms_aggregation(), place)
        return None
    if histograms:
        return native.aggregated(ev, histograms, place, average=node.op == "avg")
    if node.op == "avg":
        return _old_mean(floats) if ev.old else mean(floats)
    if ev.old:
        total = floats[0]
        for value in floats[1:]:
            total = real(np.add, total, value)
        return total
    summed = KahanSum(total=floats[0])
    for value in floats[1:]:
        summed.add(value)
    return summed.total + summed.lost


def _old_mean(floats: list[float]) -> float:
    found = floats[0]
    for n, value in enumerate(floats[1:], 2):
        if math.isinf(found):
            if math.isinf(value) and (found > 0) == (value > 0):
                continue
            if not math.isinf(value) and value == value:
                continue
        found += value / n - found / n
    return found


def _check_quantile(ev: Evaluation, node: Aggregation, params: dict[int, float]) -> None:
    assert node.param is not None
    place = unwrap(node.param)
    values = list(params.values())
    numbers = [v for v in values if v == v]
    if len(numbers) < len(values):
        ev.warn(notes.invalid_quantile(math.nan), place)
    if numbers and max(numbers) > 1:
        ev.warn(notes.invalid_quantile(max(numbers)), place)
    if numbers and min(numbers) < 0:
        ev.warn(notes.invalid_quantile(min(numbers)), place)


# ---- those that keep series ----------------------------------------------------------------------------------------


def _choose(
    ev: Evaluation, node: Aggregation, inner: list[Row], times: list[int], params: dict[int, float]
) -> list[Row]:
    op = node.op
    assert node.param is not None
    if not ev.old and op in ("topk", "bottomk", "limitk") and all(p < 1 for p in params.values()):
        return []
    _check_parameter(ev, node, list(params.values()))
    out: dict[int, Row] = {}
    order: list[int] = []
    for time in times:
        groups: dict[object, list[int]] = {}
        for i, row in enumerate(inner):
            if time in row.points:
                groups.setdefault(key(_group_labels(node, row.labels)), []).append(i)
        for members in groups.values():
            for i in _chosen(ev, node, inner, members, time, params[time]):
                if i not in out:
                    out[i] = Row(inner[i].labels, drop=inner[i].drop)
                    order.append(i)
                out[i].points[time] = inner[i].points[time]
    if op in ("topk", "bottomk", "limitk", "limit_ratio") and len(times) > 1:
        seen = {key(out[i].labels) for i in order}
        if len(seen) != len(order):
            raise Refused(DUPLICATE)
    return [out[i] for i in order]


def _check_parameter(ev: Evaluation, node: Aggregation, values: list[float]) -> None:
    numbers = [v for v in values if v == v]
    if node.op == "limit_ratio":
        if len(numbers) < len(values):
            raise Refused("Ratio value is NaN")
        assert node.param is not None
        for worst, cap in ((max(numbers), 1.0), (min(numbers), -1.0)):
            if worst / cap > 1:
                ev.warn(notes.invalid_ratio(worst, cap), unwrap(node.param))
        return
    if len(numbers) < len(values):
        raise Refused("Parameter value is NaN")
    if min(numbers) <= -(2.0**63) or max(numbers) >= 2.0**63:
        raise Refused("overflows int64")


def _chosen(
    ev: Evaluation, node: Aggregation, inner: list[Row], members: list[int], time: int, param: float
) -> list[int]:
    if node.op == "limit_ratio":
        ratio = max(-1.0, min(1.0, param))

        def inside(i: int) -> bool:
            share = hash_labels(model.Labels(inner[i].labels)) / 2.0**64
            return share < ratio if ratio >= 0 else share >= 1 + ratio

        return [i for i in members if ratio and inside(i)]
    k = min(int(param), len(inner))
    if k < 1:
        return []
    if node.op == "limitk":
        return members[:k]
    sign = 1.0 if node.op == "topk" else -1.0
    heap = Heap(old=ev.old)
    for i in members:
        value = inner[i].points[time]
        if isinstance(value, FloatHistogram):
            ev.inform(notes.ignored_in_aggregation(node.op), node)
        elif len(heap.items) < k:
            heap.push((sign * value, i))
        elif (
            heap.items[0][0] < sign * value
            or (heap.items[0][0] != heap.items[0][0] and value == value)
            or (ev.old and heap.items[0][0] != heap.items[0][0])
        ):
            heap.replace((sign * value, i))
    worst_last = sorted(heap.items, key=lambda item: (1, 0.0) if item[0] != item[0] else (0, -item[0]))
    return [i for _, i in worst_last]


class Heap:
    """The worst on top, NaN worst of all. Which of equals goes first is as in Go's heap."""

    def __init__(self, *, old: bool) -> None:
        self.items: list[tuple[float, int]] = []
        self.old = old

    def _less(self, i: int, j: int) -> bool:
        a, b = self.items[i][0], self.items[j][0]
        return a != a or a < b

    def _swap(self, i: int, j: int) -> None:
        self.items[i], self.items[j] = self.items[j], self.items[i]

    def push(self, item: tuple[float, int]) -> None:
        self.items.append(item)
        i = len(self.items) - 1
        while i > 0 and self._less(i, (i - 1) // 2):
            self._swap(i, (i - 1) // 2)
            i = (i - 1) // 2

    def replace(self, item: tuple[float, int]) -> None:
        if self.old and len(self.items) > 1:
            # First one out, then one in.
            self.items[0] = self.items.pop()
            self._down()
            self.push(item)
            return
        self.items[0] = item
        self._down()

    def _down(self) -> None:
        i, n = 0, len(self.items)
        while (child := 2 * i + 1) < n:
            if child + 1 < n and self._less(child + 1, child):
                child += 1
            if not self._less(child, i):
                break
            self._swap(i, child)
            i = child


def _count_values(ev: Evaluation, node: Aggregation, times: list[int]) -> list[Row]:
    assert node.param is not None
    label = ev.text(node.param)
    if not label:
        raise Refused("invalid label name")
    grouping = node.grouping if node.without else (*node.grouping, label)
    out: dict[object, Row] = {}
    for row in ev.rows(node.expr, times):
        for time, value in row.points.items():
            text = str(value) if isinstance(value, FloatHistogram) else plain(value)
            labels = {**row.labels, label: text}
            labels = without(labels, NAME, *grouping) if node.without else only(labels, *grouping)
            counted = out.setdefault(key(labels), Row(labels))
            before = counted.points.get(time, 0.0)
            assert isinstance(before, float)
            counted.points[time] = before + 1
    return list(out.values())


def plain(value: float) -> str:
    """Go's shortest form without an exponent."""
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
