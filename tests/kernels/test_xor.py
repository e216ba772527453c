"""XOR chunks: the kernel against a plain twin that works on a string of bits, and against bytes the original wrote."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.kernels.tsdb_head import HeadStore
from vedette.kernels.tsdb_read import chunk_bytes, head_chunks, read
from vedette.kernels.xor import decode_chunk, encode_chunk

MASK = (1 << 64) - 1
LOW, HIGH = -(1 << 63), (1 << 63) - 1


def uvarint(number: int) -> str:
    out = ""
    while number >= 0x80:
        out += f"{number & 0x7F | 0x80:08b}"
        number >>= 7
    return out + f"{number:08b}"


def signed64(number: int) -> int:
    number &= MASK
    return number - (1 << 64) if number >> 63 else number


def plain_encode(times: list[int], values: list[float]) -> bytes:
    """The chunk as FORMAT.md tells it, without any cleverness."""
    bits = f"{len(times):016b}"
    previous_bits = previous_t = delta = 0
    window: tuple[int, int] | None = None
    for i, (t, value) in enumerate(zip(times, values, strict=True)):
        (value_bits,) = struct.unpack(">Q", struct.pack(">d", value))
        if i == 0:
            bits += uvarint((t << 1 ^ t >> 63) & MASK) + f"{value_bits:064b}"
            previous_t, previous_bits = t, value_bits
            continue
        new_delta = (t - previous_t) & MASK
        if i == 1:
            bits += uvarint(new_delta)
        else:
            change = signed64(new_delta - delta)
            for prefix, width in (("10", 14), ("110", 17), ("1110", 20)):
                if -((1 << width - 1) - 1) <= change <= 1 << width - 1:
                    bits += "0" if change == 0 else prefix + f"{change & (1 << width) - 1:0{width}b}"
                    break
            else:
                bits += "1111" + f"{change & MASK:064b}"
        delta = new_delta
        differing = value_bits ^ previous_bits
        if differing == 0:
            bits += "0"
        else:
            text = f"{differing:064b}"
            leading = min(len(text) - len(text.lstrip("0")), 31)
            trailing = len(text) - len(text.rstrip("0"))
            if window is not None and leading >= window[0] and trailing >= window[1]:
                bits += "10" + text[window[0] : 64 - window[1]]
            else:
                window = (leading, trailing)
                length = 64 - leading - trailing
                bits += "11" + f"{leading:05b}{length % 64:06b}" + text[leading : 64 - trailing]
        previous_t, previous_bits = t, value_bits
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


values = st.one_of(
    st.floats(width=64),
    st.integers(-100, 100).map(float),
    st.sampled_from(
        [0.0, -0.0, math.inf, -math.inf, struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]]
    ),
)
steps = st.one_of(
    st.just(15_000),
    st.integers(1, 3),
    st.integers(14_990, 15_010),
    st.integers(0, 1 << 13),
    st.integers(0, 1 << 17),
    st.integers(0, 1 << 20),
    st.integers(0, 1 << 40),
)


@st.composite
def samples(draw: st.DrawFn) -> tuple[list[int], list[float]]:
    start = draw(st.one_of(st.integers(-(1 << 40), 1 << 41), st.sampled_from([0, LOW, LOW + 1])))
    pairs = draw(st.lists(st.tuples(steps, values), min_size=1, max_size=300))
    times, t = [], start
    for step, _ in pairs:
        times.append(t)
        t += step
    return times, [value for _, value in pairs]


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    return a.view(np.uint64).tolist() == b.view(np.uint64).tolist()


@given(samples())
def test_the_kernel_writes_what_the_twin_writes_and_reads_it_back(
    columns: tuple[list[int], list[float]],
) -> None:
    times, numbers = np.array(columns[0], dtype=np.int64), np.array(columns[1], dtype=np.float64)
    chunk = encode_chunk(times, numbers)
    assert chunk == plain_encode(*columns)
    read_times, read_values = decode_chunk(chunk)
    assert read_times.tolist() == columns[0]
    assert same_bits(read_values, numbers)


@given(st.lists(st.integers(LOW, HIGH), min_size=1, max_size=20))
def test_any_times_can_be_encoded(times: list[int]) -> None:
    times.sort()
    numbers = np.zeros(len(times))
    assert decode_chunk(encode_chunk(np.array(times), numbers))[0].tolist() == times


@given(st.binary(max_size=200))
def test_damaged_chunks_are_refused_or_read_but_never_read_beyond(data: bytes) -> None:
    try:
        times, numbers = decode_chunk(data)
    except ValueError:
        return
    assert len(times) == len(numbers)


@given(samples(), st.data())
def test_a_chunk_cut_short_is_refused(columns: tuple[list[int], list[float]], data: st.DataObject) -> None:
    chunk = encode_chunk(np.array(columns[0]), np.array(columns[1]))
    cut = data.draw(st.integers(0, len(chunk) - 1))
    with pytest.raises(ValueError, match="chunk"):
        decode_chunk(chunk[:cut])


def test_golden_bytes() -> None:
    # From a block that promtool 2.42 made of these five samples.
    times = [1_700_000_000_000, 1_700_000_015_000, 1_700_000_030_000, 1_700_000_045_001, 1_700_000_200_000]
    numbers = [1.0, 1.0, 2.0, 2.5, 0.1]
    want = "000580a0abfef9623ff000000000000098753097ffe0007683e222dec3f7fbd99999999999a0"
    assert encode_chunk(np.array(times), np.array(numbers)).hex() == want
    assert plain_encode(times, numbers).hex() == want
    assert decode_chunk(bytes.fromhex(want))[1].tolist() == numbers


@given(samples(), st.integers(1, 1 << 22))
def test_the_head_holds_what_was_appended(columns: tuple[list[int], list[float]], chunk_range: int) -> None:
    head = HeadStore(chunk_range)
    head.create(np.array([0, 1], dtype=np.int32), 1)
    want: list[tuple[int, float]] = []
    for t, v in zip(*columns, strict=True):
        if t > LOW and (not want or t > want[-1][0]):
            want.append((t, v))
    tally = np.zeros(8, dtype=np.int64)
    head.apply(
        np.ones(len(columns[0]), dtype=np.int64), np.array(columns[0]), np.array(columns[1]), LOW + 1, tally
    )
    assert tally[0] == len(want)
    rows = np.zeros(1, dtype=np.int64)
    _, times, numbers, problem, _ = read(head, rows, head.limits(rows), [], [], [None], 0, 1, LOW, HIGH, LOW)
    assert problem == 0
    assert times.tolist() == [t for t, _ in want]
    assert same_bits(numbers, np.array([v for _, v in want]))
    # The chunks by themselves hold the same, within their bounds.
    _, chunks, mints, maxts = head_chunks(head, rows, LOW, HIGH)
    bounds, data, counts = chunk_bytes(head, chunks)
    seen = []
    for i in range(len(chunks)):
        chunk_times, _ = decode_chunk(np.ascontiguousarray(data[bounds[i] : bounds[i + 1]]))
        assert (chunk_times[0], chunk_times[-1], len(chunk_times)) == (mints[i], maxts[i], counts[i])
        assert data[bounds[i] : bounds[i + 1]].tobytes()[2:]
        seen += chunk_times.tolist()
    assert seen == times.tolist()


@given(samples(), st.integers(0, 300))
def test_a_reader_with_an_older_count_sees_a_prefix(
    columns: tuple[list[int], list[float]], limit: int
) -> None:
    head = HeadStore(7_200_000)
    head.create(np.array([0, 1], dtype=np.int32), 1)
    tally = np.zeros(8, dtype=np.int64)
    head.apply(
        np.ones(len(columns[0]), dtype=np.int64), np.array(columns[0]), np.array(columns[1]), LOW + 1, tally
    )
    rows = np.zeros(1, dtype=np.int64)
    full = read(head, rows, head.limits(rows), [], [], [None], 0, 1, LOW, HIGH, LOW)[1]
    limit = min(limit, len(full))
    part = read(head, rows, np.array([limit], dtype=np.uint32), [], [], [None], 0, 1, LOW, HIGH, LOW)[1]
    assert part.tolist() == full[:limit].tolist()
