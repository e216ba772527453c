from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels.pushproto import encode_stream


def varint(n: int) -> bytes:
    out = bytearray()
    n &= (1 << 64) - 1
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number: int, body: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(body)) + body


def plain(labels: bytes, timestamps: list[int], lines: list[bytes]) -> bytes:
    body = field(1, labels)
    for ns, line in zip(timestamps, lines, strict=True):
        seconds, nanos = divmod(ns, 10**9)
        stamp = (b"\x08" + varint(seconds) if seconds else b"") + (b"\x10" + varint(nanos) if nanos else b"")
        body += field(2, field(1, stamp) + field(2, line))
    return field(1, body)


@given(
    st.binary(max_size=200),
    st.lists(st.tuples(st.integers(-(2**62), 2**62), st.binary(max_size=300)), max_size=20),
)
def test_as_the_plain_twin(labels: bytes, entries: list[tuple[int, bytes]]) -> None:
    stamps = [ns for ns, _ in entries]
    lines = [line for _, line in entries]
    assert encode_stream(labels, np.array(stamps, dtype=np.int64), lines) == plain(labels, stamps, lines)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ"):
        encode_stream(b"{}", np.zeros(2, dtype=np.int64), [b"x"])
    with pytest.raises(TypeError):
        encode_stream(b"{}", np.zeros(1, dtype=np.int64), ["x"])  # type: ignore[list-item]
