"""Vector aggregations: ``sum by (a) (...)``, ``topk(5, ...)``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vedette.logs.logql.run.matrix import Matrix
from vedette.logs.logql.run.ranges import grouper
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.errors import NotSupported
from vedette.model.labels import Labels


def aggregate(node: n.VectorAggregation, body: Matrix) -> Matrix:
    """`body` aggregated as `node` says; a step without any value of a group has none in the result."""
    if node.op in ("sort", "sort_desc"):
        return _sorted(body, descending=node.op == "sort_desc")
    if node.op == "approx_topk":
        raise NotSupported("approx_topk")
    group = grouper(node.grouping or n.Grouping(()))
    numbers: dict[Labels, int] = {}
    groups = np.array(
        [numbers.setdefault(group(dict(labels)), len(numbers)) for labels in body.labels], dtype=np.int64
    )
    if node.op in ("topk", "bottomk"):
        assert node.parameter is not None
        return _extremes(body, groups, len(numbers), int(node.parameter), largest=node.op == "topk")
    values, present = _REDUCE[node.op](body, groups, len(numbers))
    return Matrix(list(numbers), values, present)


def _counts(body: Matrix, groups: np.ndarray, size: int) -> np.ndarray:
    out = np.zeros((size, body.values.shape[1]))
    np.add.at(out, groups, body.present.astype(np.float64))
    return out


def _sums(body: Matrix, groups: np.ndarray, size: int) -> np.ndarray:
    out = np.zeros((size, body.values.shape[1]))
    np.add.at(out, groups, np.where(body.present, body.values, 0.0))
    return out


def _sum(body: Matrix, groups: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    return _sums(body, groups, size), _counts(body, groups, size) > 0


def _count(body: Matrix, groups: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    counts = _counts(body, groups, size)
    return counts, counts > 0


def _avg(body: Matrix, groups: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    counts = _counts(body, groups, size)
    return _sums(body, groups, size) / np.maximum(counts, 1), counts > 0


def _stdvar(body: Matrix, groups: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    mean, present = _avg(body, groups, size)
    squares = np.zeros_like(mean)
    np.add.at(squares, groups, np.where(body.present, (body.values - mean[groups]) ** 2, 0.0))
    return squares / np.maximum(_counts(body, groups, size), 1), present


def _stddev(body: Matrix, groups: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    variance, present = _stdvar(body, groups, size)
    return np.sqrt(variance), present


def _extreme(body: Matrix, groups: np.ndarray, size: int, sign: float) -> tuple[np.ndarray, np.ndarray]:
    out = np.full((size, body.values.shape[1]), -np.inf)
    # fmax prefers a number to NaN, as the original does.
    np.fmax.at(out, groups, np.where(body.present, sign * body.values, -np.inf))
    return sign * out, _counts(body, groups, size) > 0


_REDUCE: dict[str, Callable[[Matrix, np.ndarray, int], tuple[np.ndarray, np.ndarray]]] = {
    "sum": _sum,
    "count": _count,
    "avg": _avg,
    "stdvar": _stdvar,
    "stddev": _stddev,
    "max": lambda body, groups, size: _extreme(body, groups, size, 1.0),
    "min": lambda body, groups, size: _extreme(body, groups, size, -1.0),
}


def _extremes(body: Matrix, groups: np.ndarray, size: int, k: int, *, largest: bool) -> Matrix:
    """The `k` largest (smallest) series of every group at every step, under their own labels."""
    keys = np.where(np.isnan(body.values), -np.inf, body.values if largest else -body.values)
    keys = np.where(body.present, keys, -np.inf)
    kept = np.zeros_like(body.present)
    for number in range(size):
        rows = np.flatnonzero(groups == number)
        best = np.argsort(-keys[rows], axis=0, kind="stable")[:k]
        columns = np.broadcast_to(np.arange(keys.shape[1]), best.shape)
        kept[rows[best], columns] = True
    picked = Matrix(body.labels, body.values, kept & body.present).without_empty_rows()
    if picked.values.shape[1] != 1:
        return picked
    order = np.argsort(-picked.values[:, 0] if largest else picked.values[:, 0], kind="stable")
    ranked = picked.take(order)
    return Matrix(ranked.labels, ranked.values, ranked.present, ordered=True)


def _sorted(body: Matrix, *, descending: bool) -> Matrix:
    order = np.argsort(-body.values[:, 0] if descending else body.values[:, 0], kind="stable")
    picked = body.take(order)
    return Matrix(picked.labels, picked.values, picked.present, ordered=True)
