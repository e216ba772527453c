"""A sealed block: some hundred KiB of lines of one stream, compressed. Its layout is in FORMAT.md."""

from __future__ import annotations

import struct
from typing import Any

import cramjam
import numpy as np
import numpy.typing as npt
import orjson

from vedette.kernels import loglines
from vedette.logs.batch import Batch, positions
from vedette.logs.store.wal import decode_meta_sets

TARGET_BYTES = 512 << 10
# Zstandard level 3: twice as fast to write as 6 for some per cent more bytes.
_LEVEL = 3
_HEAD = struct.Struct("<IIIIIII")
_FILTER_MAX_BYTES = 1 << 17
_FILTER_MIN_BYTES = 64


class DamagedBlock(Exception):
    """A block whose bytes do not make sense."""


def encode(batch: Batch) -> tuple[bytes, bytes]:
    """``(word filter, payload)`` of a settled batch whose buffer holds exactly its lines."""
    lengths = (batch.ends - batch.starts).astype("<i4")
    steps = np.diff(batch.times, prepend=np.int64(0)).astype("<i8")
    sections = [
        _pack(steps.tobytes()),
        _pack(lengths.tobytes()),
        _pack(batch.metas.astype("<i4").tobytes()),
        _pack(orjson.dumps(batch.meta_sets)),
        _pack(batch.buffer),
    ]
    head = _HEAD.pack(len(batch), len(batch.buffer), *map(len, sections))
    return word_filter(batch.buffer), b"".join((head, *sections))


def decode(payload: bytes) -> Batch:
    """The batch of a payload. Raises `DamagedBlock`."""
    try:
        count, raw, *sizes = _HEAD.unpack_from(payload)
        at, sections = _HEAD.size, []
        for size in sizes:
            sections.append(payload[at : at + size])
            at += size
        steps = np.frombuffer(_unpack(sections[0], 8 * count), dtype="<i8", count=count)
        lengths = np.frombuffer(_unpack(sections[1], 4 * count), dtype="<i4", count=count).astype(np.int64)
        metas = np.frombuffer(_unpack(sections[2], 4 * count), dtype="<i4", count=count)
        sets = decode_meta_sets(_unpack(sections[3]))
        buffer = _unpack(sections[4], raw)
    except (ValueError, struct.error, cramjam.DecompressionError) as error:
        raise DamagedBlock(str(error)) from None
    if len(buffer) != raw or int(lengths.sum()) + count != raw or (count and lengths.min() < 0):
        raise DamagedBlock("lines do not add up")
    if count and (metas.min() < 0 or metas.max() >= len(sets)):
        raise DamagedBlock("metadata that does not exist")
    starts, ends = positions(lengths)
    return Batch(buffer, starts, ends, np.cumsum(steps), metas.astype(np.int32), sets)


def word_filter(buffer: bytes) -> bytes:
    """A filter of the words of `buffer`: folded to the smallest size at which it still tells words apart."""
    bits: npt.NDArray[np.uint8] = np.zeros(_FILTER_MAX_BYTES, dtype=np.uint8)
    loglines.add_words(buffer, bits)
    while len(bits) > _FILTER_MIN_BYTES:
        half = bits[: len(bits) // 2] | bits[len(bits) // 2 :]
        if np.unpackbits(half).mean() > 0.25:
            break
        bits = half
    return bits.tobytes()


def _pack(data: bytes) -> bytes:
    packed: Any = cramjam.zstd.compress(data, level=_LEVEL)
    return bytes(packed)


def _unpack(data: bytes, size: int | None = None) -> bytes:
    unpacked: Any = cramjam.zstd.decompress(data, output_len=size) if size else cramjam.zstd.decompress(data)
    return bytes(unpacked)
