"""A query's answer as the `data` of the HTTP API: ``{"resultType":...,"result":...}``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import orjson

from vedette.algebra.table import LabelTable
from vedette.kernels import floats, query_json
from vedette.metrics.promql.result import QueryResult
from vedette.model.histogram import FloatHistogram

# Cells that are written at a time. What a kernel wrote is copied into an object while every other thread of the
# process waits, so a piece is what is copied in a fraction of a millisecond.
PIECE_CELLS = 1 << 15
# What the labels of a row count for, in cells.
_LABEL_CELLS = 8


def encode_result(result: QueryResult) -> bytes:
    """JSON bytes, without the envelope (`status`, `warnings`, `infos`)."""
    return b"".join(encode_pieces(result))


def encode_pieces(
    result: QueryResult, more: bytes = b"", check: Callable[[], None] | None = None
) -> list[bytes]:
    """The bytes of `encode_result` in pieces, with the fields `more` (``,"name":value``) at the end.

    `check` is called between pieces and may raise, which ends the work.
    """
    pieces = [b'{"resultType":"' + result.kind.encode() + b'","result":']
    match result.kind:
        case "scalar":
            stamp = floats.format_seconds(int(result.timestamps[0]))
            pieces.append(f'[{stamp},"{floats.format_value(float(result.values[0, 0]))}"]'.encode())
        case "string":
            stamp = floats.format_seconds(int(result.timestamps[0]))
            pieces.append(b"[" + stamp.encode() + b"," + _string(result.text) + b"]")
        case _:
            pieces.append(b"[")
            pieces += _series(result, check)
            pieces.append(b"]")
    pieces.append(more + b"}")
    return pieces


def _string(text: str) -> bytes:
    return orjson.dumps(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


@lru_cache(maxsize=1024)
def _head(name: str) -> bytes:
    return _string(name) + b":"


class LabelTexts:
    """The labels of some consecutive rows, all by default, as JSON objects one after another."""

    def __init__(self, table: LabelTable, start: int = 0, stop: int | None = None) -> None:
        stop = table.rows if stop is None else stop
        names = sorted(table.columns)
        heads, columns = [_head(name) for name in names], [table.columns[name][start:stop] for name in names]
        self.bounds = np.empty(
            stop - start + 1, dtype=np.int64
        )  # the object of the i-th row begins at bounds[i]
        self.text = query_json.label_sets(heads, columns, *table.symbols.lists(), self.bounds)

    def __iter__(self) -> Iterator[bytes]:
        return (self.text[start:end] for start, end in pairwise(self.bounds.tolist()))


def _series(result: QueryResult, check: Callable[[], None] | None) -> list[bytes]:
    """Consecutive rows in pieces, the commas between them included."""
    size = max(1, PIECE_CELLS // (result.values.shape[1] + _LABEL_CELLS))
    pieces: list[bytes] = []
    for start in range(0, result.rows, size):
        if check is not None:
            check()
        if text := _rows(result, start, min(start + size, result.rows)):
            if pieces:
                pieces.append(b",")
            pieces.append(text)
    return pieces


def _rows(result: QueryResult, start: int, stop: int) -> bytes:
    labels = LabelTexts(result.table, start, stop)
    if result.samples is not None:
        return b",".join(_raw(result, row, text) for row, text in enumerate(labels, start))
    if result.histograms is not None:
        return b",".join(_with_histograms(result, row, text) for row, text in enumerate(labels, start))
    return query_json.rows(
        np.frombuffer(labels.text, dtype=np.uint8),
        labels.bounds,
        np.ascontiguousarray(result.values[start:stop]),
        np.ascontiguousarray(result.present[start:stop]).view(np.uint8),
        result.timestamps,
        result.kind == "vector",
    )


def _raw(result: QueryResult, row: int, labels: bytes) -> bytes:
    batch = result.samples
    assert batch is not None
    inside = slice(int(batch.offsets[row]), int(batch.offsets[row + 1]))
    times, values = batch.timestamps[inside], batch.values[inside]
    found = batch.histograms[inside] if batch.histograms is not None else [None] * len(times)
    return _object(labels, times, values, found, single=False)


def _with_histograms(result: QueryResult, row: int, labels: bytes) -> bytes:
    assert result.histograms is not None
    here = result.present[row]
    times, values = result.timestamps[here], result.values[row][here]
    return _object(
        labels, times, values, result.histograms[row][here].tolist(), single=result.kind == "vector"
    )


def _object(labels: bytes, times: Any, values: Any, found: Any, *, single: bool) -> bytes:
    is_float = np.fromiter((h is None for h in found), dtype=np.bool_, count=len(times))
    parts = [b'{"metric":' + labels]
    plain = query_json.samples(np.ascontiguousarray(times[is_float]), np.ascontiguousarray(values[is_float]))
    pairs = [
        f"[{floats.format_seconds(int(t))},".encode() + encode_histogram(h) + b"]"
        for t, h in zip(times, found, strict=True)
        if h is not None
    ]
    if single:
        parts.append(b'"histogram":' + pairs[0] if pairs else b'"value":' + plain)
    else:
        if plain:
            parts.append(b'"values":[' + plain + b"]")
        if pairs:
            parts.append(b'"histograms":[' + b",".join(pairs) + b"]")
    return b",".join(parts) + b"}"


def encode_histogram(h: FloatHistogram) -> bytes:
    """``{"count":"1","sum":"2","buckets":[[rule,"lower","upper","count"],...]}``.

    The rule says which ends belong to the bucket: 0 the upper, 1 the lower, 2 none, 3 both.
    """
    out: dict[str, Any] = {"count": floats.format_value(h.count), "sum": floats.format_value(h.sum)}
    buckets = []
    for b in h.buckets():
        if b.count == 0:
            continue
        rule = 3 if b.lower_inclusive and b.upper_inclusive else 1 if b.lower_inclusive else 0
        if not b.lower_inclusive and not b.upper_inclusive:
            rule = 2
        buckets.append(
            [rule, floats.format_value(b.lower), floats.format_value(b.upper), floats.format_value(b.count)]
        )
    if buckets:
        out["buckets"] = buckets
    return orjson.dumps(out)
