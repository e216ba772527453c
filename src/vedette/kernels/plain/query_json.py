"""Twins of the answers of the query API."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from vedette.kernels.plain.floats import format_seconds, format_value
from vedette.kernels.plain.samples import Float64s, Int64s, Uint8s

Int32s = npt.NDArray[np.int32]


def _pair(time: int, value: float) -> str:
    return f'[{format_seconds(time)},"{format_value(value)}"]'


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


def objects(texts: Uint8s, text_bounds: Int64s, members: Int32s) -> tuple[Uint8s, Int64s]:
    """One object a column of `members`, from the texts that its numbers name."""
    known = [bytes(texts[a:b]) for a, b in pairwise(text_bounds.tolist())]
    found = [b"{%b}" % b",".join(known[i] for i in row if i >= 0) for row in members.T.tolist()]
    bounds = np.cumsum([0, *(len(text) for text in found)], dtype=np.int64)
    return np.frombuffer(b"".join(found), dtype=np.uint8), bounds


def samples(times: Int64s, values: Float64s) -> bytes:
    """One series' samples: ``[t,"v"],[t,"v"]``."""
    return ",".join(map(_pair, times.tolist(), values.tolist())).encode()
