"""Remote write messages, written plainly."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while True:
        byte, number = number & 0x7F, number >> 7
        out.append(byte | (0x80 if number else 0))
        if not number:
            return bytes(out)


def chunk(field: int, body: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(body)) + body


def label(name: str, value: str) -> bytes:
    return chunk(1, chunk(1, name.encode()) + chunk(2, value.encode()))


def sample(time: int, value: float) -> bytes:
    return chunk(2, b"\x09" + struct.pack("<d", value) + b"\x10" + varint(time))


def series(labels: Iterable[tuple[str, str]], samples: Sequence[tuple[int, float]]) -> bytes:
    body = b"".join(label(n, v) for n, v in labels) + b"".join(sample(t, v) for t, v in samples)
    return chunk(1, body)


def write_request(
    all_series: Iterable[tuple[Iterable[tuple[str, str]], Sequence[tuple[int, float]]]],
) -> bytes:
    return b"".join(series(labels, samples) for labels, samples in all_series)
