"""Twins of the answers of the query API."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import orjson

from vedette.kernels.plain.floats import format_seconds, format_value
from vedette.kernels.plain.samples import Float64s, Int64s, Uint8s

Int32s = npt.NDArray[np.int32]


def _pair(time: int, value: float) -> str:
    return f'[{format_seconds(time)},"{format_value(value)}"]'


def label_sets(
    heads: list[bytes],
    columns: list[npt.NDArray[np.int32]],
    strings: list[str],
    own: list[str],
    first_own: int,
    bounds: Int64s,
) -> bytes:
    """The label set of every row as a JSON object, and where each begins and ends."""
    out = b""
    bounds[0] = 0
    for row in range(len(bounds) - 1):
        pairs = []
        for head, column in zip(heads, columns, strict=True):
            value = int(column[row])
            if value:
                text = strings[value] if value < first_own else own[value - first_own]
                shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                pairs.append(head + orjson.dumps(shown))
        out += b"{" + b",".join(pairs) + b"}"
        bounds[row + 1] = len(out)
    return out


def rows(
    labels: Uint8s,
    label_bounds: Int64s,
    values: Float64s,
    present: Uint8s,
    times: Int64s,
    single: bool,
) -> bytes:
    """Every row that is present somewhere, as an object; with `single` only its first sample."""
    texts = bytes(labels)
    out = []
    for r, row in enumerate(values.tolist()):
        found = [_pair(t, v) for t, v, p in zip(times.tolist(), row, present[r].tolist(), strict=True) if p]
        if found:
            metric = b'{"metric":' + texts[label_bounds[r] : label_bounds[r + 1]]
            tail = f',"value":{found[0]}}}' if single else f',"values":[{",".join(found)}]}}'
            out.append(metric + tail.encode())
    return b",".join(out)


def samples(times: Int64s, values: Float64s) -> bytes:
    """One series' samples: ``[t,"v"],[t,"v"]``."""
    return ",".join(map(_pair, times.tolist(), values.tolist())).encode()
