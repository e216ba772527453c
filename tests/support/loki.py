"""What the tests of the logs role share."""

from __future__ import annotations

T0 = 1_767_571_200 * 10**9  # 2026-01-05T00:00:00Z
SECOND = 10**9


def at(seconds: float) -> str:
    """A time of the day of T0, as a push writes it."""
    return str(T0 + round(seconds * SECOND))


def _varint(value: int) -> bytes:
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, data: bytes) -> bytes:
    """A length-delimited protobuf field."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def push_request(labels: str, entries: list[tuple[int, bytes, dict[str, str]]]) -> bytes:
    """A PushRequest of one stream, not yet compressed."""
    body = field(1, labels.encode())
    for when, line, meta in entries:
        seconds, nanos = divmod(when, 10**9)
        stamp = b"\x08" + _varint(seconds) + b"\x10" + _varint(nanos)
        entry = field(1, stamp) + field(2, line)
        for name, value in meta.items():
            entry += field(3, field(1, name.encode()) + field(2, value.encode()))
        body += field(2, entry)
    return field(1, body)
