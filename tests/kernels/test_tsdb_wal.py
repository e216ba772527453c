"""Records and fragments of the write-ahead log against plain twins."""

from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels.crc32c import crc32c
from vedette.kernels.tsdb_wal import (
    decode_samples,
    decode_series,
    encode_samples,
    encode_series,
    frame,
    unframe,
)

PAGE = 32768


def uvarint(number: int) -> bytes:
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def varint(number: int) -> bytes:
    number = (number + (1 << 63)) % (1 << 64) - (1 << 63)
    return uvarint(number << 1 if number >= 0 else (-number << 1) - 1)


int64 = st.integers(-(1 << 63), (1 << 63) - 1)
ids = st.integers(0, (1 << 63) - 1)


@given(st.lists(st.tuples(ids, int64, st.floats(allow_nan=False)), min_size=1, max_size=50))
def test_samples_records(rows: list[tuple[int, int, float]]) -> None:
    refs, times, values = (np.array(column) for column in zip(*rows, strict=True))
    record = encode_samples(refs.astype(np.int64), times.astype(np.int64), values.astype(np.float64))
    ref0, t0, _ = rows[0]
    want = b"\x02" + struct.pack(">Qq", ref0, t0)
    for ref, t, value in rows:
        want += varint(ref - ref0) + varint(t - t0) + struct.pack(">d", value)
    assert record == want
    got = decode_samples(record)
    assert list(zip(*(column.tolist() for column in got), strict=True)) == rows


@given(st.lists(st.tuples(ids, st.lists(st.tuples(st.text(), st.text()), max_size=4)), max_size=10))
def test_series_records(series: list[tuple[int, list[tuple[str, str]]]]) -> None:
    series = [
        (
            ref,
            [(n.encode("utf-8", "ignore").decode(), v.encode("utf-8", "ignore").decode()) for n, v in labels],
        )
        for ref, labels in series
    ]
    strings = [text for _, labels in series for pair in labels for text in pair]
    offsets = np.cumsum([0, *(2 * len(labels) for _, labels in series)])
    record = encode_series(
        np.array([ref for ref, _ in series], dtype=np.int64),
        offsets.astype(np.int64),
        np.arange(len(strings), dtype=np.int32),
        strings,
        strings,
    )
    want = b"\x01"
    for ref, labels in series:
        want += struct.pack(">Q", ref) + uvarint(len(labels))
        for text in (text for pair in labels for text in pair):
            want += uvarint(len(text.encode())) + text.encode()
    assert record == want
    assert decode_series(record) == [(ref, tuple(labels)) for ref, labels in series]


@pytest.mark.parametrize("decode", [decode_samples, decode_series])
@given(st.binary(max_size=100))
def test_damaged_records_are_refused_or_read(decode: object, data: bytes) -> None:
    with contextlib.suppress(ValueError):
        decode(data)  # type: ignore[operator]


def plain_frame(records: list[bytes], used: int) -> bytes:
    out = b""
    for record in records:
        first, rest = True, record
        while first or rest:
            if PAGE - used < 7:
                out += bytes(PAGE - used)
                used = 0
            part, rest = rest[: PAGE - used - 7], rest[PAGE - used - 7 :]
            kind = (1 if not rest else 2) if first else (3 if rest else 4)
            out += struct.pack(">BHI", kind, len(part), crc32c(part)) + part
            used = (used + 7 + len(part)) % PAGE
            first = False
    return out


sizes = st.one_of(st.integers(0, 50), st.integers(32_700, 32_800), st.integers(65_000, 70_000))


@given(st.lists(sizes, max_size=6), st.one_of(st.just(0), st.integers(PAGE - 40, PAGE - 1)))
def test_fragments(lengths: list[int], used: int) -> None:
    records = [bytes([i + 1]) * length for i, length in enumerate(lengths)]
    framed = frame(records, np.zeros(len(records), dtype=np.uint8), used)
    assert framed == plain_frame(records, used)
    if used:
        return
    data, offsets, flags, ends, problem = unframe(framed)
    assert problem is None
    assert [data[a:b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)] == records
    assert len(flags) == len(records)
    assert ends[-1] == len(framed)


def test_a_segment_cut_anywhere_gives_the_records_before_the_cut() -> None:
    records = [bytes([i]) * (10 + 37 * i) for i in range(1, 12)]
    framed = frame(records, np.zeros(len(records), dtype=np.uint8), 0)
    boundaries = np.cumsum([0] + [7 + len(record) for record in records]).tolist()
    for cut in range(len(framed)):
        data, offsets, _, ends, problem = unframe(framed[:cut])
        whole = sum(1 for boundary in boundaries[1:] if boundary <= cut)
        assert len(offsets) - 1 == whole
        assert data[: offsets[-1]] == b"".join(records[:whole])
        assert ends[-1] == boundaries[whole]
        assert (problem is None) == (cut in boundaries)


@given(st.integers(0, 300), st.integers(1, 255))
def test_a_flipped_bit_is_noticed(at: int, flip: int) -> None:
    records = [b"a" * 100, b"b" * 100, b"c" * 100]
    framed = bytearray(frame(records, np.zeros(3, dtype=np.uint8), 0))
    framed[at] ^= flip
    data, offsets, flags, _, problem = unframe(bytes(framed))
    good = [data[a:b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
    # Bits 3 to 7 of the type byte are flags and carry no checksum.
    assert problem is not None or (at % 107 == 0 and flags[at // 107])
    assert good == records[: len(good)]
