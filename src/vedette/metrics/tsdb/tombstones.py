"""Deleted ranges of a block's series, in the file `tombstones`. Bytes: FORMAT.md."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path

from vedette.kernels.crc32c import crc32c
from vedette.metrics.contract import StorageError

TOMBSTONES_MAGIC = 0x0130BA30

# Series id (head row or entry number) -> ranges, both ends inclusive.
Tombstones = dict[int, list[tuple[int, int]]]


def put_uvarint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def put_varint(number: int) -> bytes:
    return put_uvarint(number << 1 if number >= 0 else (-number << 1) - 1)


def get_uvarint(data: bytes, at: int) -> tuple[int, int]:
    """``(number, next position)``. Raises `ValueError`."""
    number = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number & (1 << 64) - 1, at
        shift += 7
    raise ValueError("a number is cut off")


def get_varint(data: bytes, at: int) -> tuple[int, int]:
    number, at = get_uvarint(data, at)
    return (number >> 1) ^ -(number & 1), at


def merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same times as ascending ranges that neither touch nor overlap."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return out


def read_tombstones(path: Path) -> Tombstones:
    """No file means nothing is deleted. Raises `StorageError`."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
    if len(data) < 9:
        raise StorageError(f"{path}: {len(data)} bytes are too few")
    magic, version = struct.unpack_from(">IB", data)
    if magic != TOMBSTONES_MAGIC or version != 1:
        raise StorageError(f"{path}: magic number {magic:08x} version {version} is not known")
    body = data[5:-4]
    # The checksum covers what follows magic and version.
    if crc32c(body) != struct.unpack(">I", data[-4:])[0]:
        raise StorageError(f"{path}: wrong checksum")
    stones: Tombstones = {}
    try:
        for ref, low, high in _entries(body):
            stones.setdefault(ref, []).append((low, high))
    except ValueError as error:
        raise StorageError(f"{path}: {error}") from error
    return stones


def _entries(body: bytes) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at < len(body):
        ref, at = get_uvarint(body, at)
        low, at = get_varint(body, at)
        high, at = get_varint(body, at)
        yield ref, low, high


def write_tombstones(block: Path, stones: Tombstones) -> int:
    """Replaces the file as a whole. Returns how many ranges it holds."""
    body = bytearray()
    count = 0
    for ref in sorted(stones):
        for low, high in merged(stones[ref]):
            body += put_uvarint(ref) + put_varint(low) + put_varint(high)
            count += 1
    data = struct.pack(">IB", TOMBSTONES_MAGIC, 1) + bytes(body) + struct.pack(">I", crc32c(bytes(body)))
    temporary = block / "tombstones.tmp"
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(block / "tombstones")
    except OSError as error:
        raise StorageError(f"{block / 'tombstones'}: {error.strerror}") from error
    return count
