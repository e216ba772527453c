"""logfmt fields by kernel, against the plain reader."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.kernels import loglogfmt
from vedette.logs.batch import Batch
from vedette.logs.parsers.logfmt import LogfmtFault, pairs
from vedette.logs.parsers.names import sanitize

NAMES = ["a", "b", "a_b", "_1"]
pieces = st.sampled_from(
    ["a", "b", "a-b", "1", "=", '"', " ", "x", "é", '"q r"', '\\"', "\t", "a=1", 'b="v w"', "b="]
)
lines = st.lists(pieces, max_size=14).map("".join).map(str.encode)


def plainly(line: bytes, *, strict: bool, keep_empty: bool, as_label: bool) -> tuple[bool, dict[str, bytes]]:
    found: dict[str, bytes] = {}
    try:
        for key, value in pairs(line, strict=strict):
            name = sanitize(key.decode()) if as_label else key.decode()
            if value or keep_empty:
                found.setdefault(name, value or b"")
    except LogfmtFault:
        return False, found
    return True, found


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("keep_empty", [False, True])
@pytest.mark.parametrize("as_label", [False, True])
@given(line=lines)
@settings(max_examples=150, deadline=None)
def test_extract_agrees_or_is_odd(line: bytes, strict: bool, keep_empty: bool, as_label: bool) -> None:
    batch = Batch.of([(0, line, ())])
    ends = np.cumsum([len(name) for name in NAMES], dtype=np.int32)
    starts = (ends - [len(name) for name in NAMES]).astype(np.int32)
    found = [np.zeros((len(NAMES), 1), dtype=np.int32) for _ in range(2)]
    kinds, clean = np.zeros((len(NAMES), 1), dtype=np.uint8), np.zeros(1, dtype=np.uint8)
    rows = np.zeros(1, dtype=np.int32)
    loglogfmt.extract(
        batch.buffer, batch.starts, batch.ends, rows, "".join(NAMES).encode(), starts, ends,
        strict, keep_empty, as_label, *found, kinds, clean,
    )  # fmt: skip
    whole, want = plainly(line, strict=strict, keep_empty=keep_empty, as_label=as_label)
    if not clean[0]:
        assert strict or b"\\" in line or any(byte >= 128 for byte in line)
        return
    assert whole
    for place, name in enumerate(NAMES):
        at, to = int(found[0][place, 0]), int(found[1][place, 0])
        assert (None if at < 0 else batch.buffer[at:to]) == want.get(name)
