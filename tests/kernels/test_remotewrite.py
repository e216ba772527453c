"""The remote write kernel against a plain encoder, and against bytes that are no message."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import prompb
from vedette.kernels.remotewrite import decode_labels, decode_write_request

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
samples = st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats()), max_size=5)
labels = st.lists(st.tuples(texts, texts), max_size=5)


@given(st.lists(st.tuples(labels, samples), max_size=6))
def test_reads_what_was_written(request: list[tuple[list[tuple[str, str]], list[tuple[int, float]]]]) -> None:
    keys, offsets, times, values, histograms = decode_write_request(prompb.write_request(request))
    assert [decode_labels(key) for key in keys] == [pairs for pairs, _ in request]
    flat = [pair for _, own in request for pair in own]
    assert np.diff(offsets).tolist() == [len(own) for _, own in request]
    assert times.tolist() == [t for t, _ in flat]
    assert values.tobytes() == b"".join(struct.pack("<d", v) for _, v in flat)
    assert histograms == 0


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        keys, offsets, times, values, _ = decode_write_request(data)
    except ValueError:
        return
    assert len(offsets) == len(keys) + 1
    assert offsets[-1] == len(times) == len(values)
    for key in keys:
        try:
            decode_labels(key)
        except ValueError:
            continue


def test_a_message_cut_anywhere_is_refused_or_shorter() -> None:
    whole = prompb.write_request([([("__name__", "up"), ("job", "a")], [(1, 2.0), (3, 4.0)])] * 2)
    for length in range(len(whole)):
        try:
            keys, *_ = decode_write_request(whole[:length])
        except ValueError:
            continue
        assert len(keys) < 2


def test_fields_it_does_not_know_are_skipped_and_histograms_counted() -> None:
    body = (
        prompb.label("a", "1")
        + prompb.chunk(4, b"\x08\x01")
        + prompb.label("b", "2")
        + prompb.sample(5, 1.5)
        + prompb.chunk(3, b"xyz")
        + prompb.label("c", "3")
    )
    message = prompb.chunk(3, b"metadata") + prompb.chunk(1, body) + b"\x28\x07"
    keys, offsets, times, values, histograms = decode_write_request(message)
    assert [decode_labels(key) for key in keys] == [[("a", "1"), ("b", "2"), ("c", "3")]]
    assert (offsets.tolist(), times.tolist(), values.tolist(), histograms) == ([0, 1], [5], [1.5], 1)


@pytest.mark.parametrize("message", [b"\x0a\x05\x0a", b"\x0a", b"\xff" * 11, b"\x0a\x02\x12\x05", b"\x0b"])
def test_broken_messages(message: bytes) -> None:
    with pytest.raises(ValueError, match="not a remote write request"):
        decode_write_request(message)
