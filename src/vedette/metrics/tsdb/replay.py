"""Reading the write-ahead log back into the head at start."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vedette.config.log import get_logger
from vedette.kernels.tsdb_wal import decode_samples, decode_series
from vedette.metrics.tsdb.head import Head
from vedette.metrics.tsdb.tombstones import get_varint
from vedette.metrics.tsdb.wal import (
    RECORD_NAMES,
    SAMPLES,
    SERIES,
    TOMBSTONES,
    Corruption,
    list_checkpoints,
    list_segments,
    read_segment,
    segment_name,
)

log = get_logger("metrics.tsdb")


@dataclass(slots=True)
class ReplayResult:
    samples: int = 0
    unknown_samples: int = 0
    corruptions: list[Corruption] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def replay(directory: Path, head: Head, progress: Callable[[int, int, int], None]) -> ReplayResult:
    """Fills `head` from the newest checkpoint and the segments after it.

    A segment that can't be read to its end is cut there and named; later segments are still read. `progress` gets
    (first, last, current) segment.
    """
    result = ReplayResult()
    checkpoints = list_checkpoints(directory)
    first = 0
    if checkpoints:
        index, path = checkpoints[-1]
        first = index + 1
        for number in list_segments(path):
            _replay_segment(path / segment_name(number), head, result)
    segments = [number for number in list_segments(directory) if number >= first]
    for number in segments:
        progress(segments[0], segments[-1], number)
        _replay_segment(directory / segment_name(number), head, result)
    for name, count in sorted(result.skipped.items()):
        log.warning("records of the write-ahead log were skipped", kind=name, records=count)
    if result.unknown_samples:
        log.warning(
            "samples of the write-ahead log name series it does not hold", samples=result.unknown_samples
        )
    return result


def _replay_segment(path: Path, head: Head, result: ReplayResult) -> None:
    for item in read_segment(path):
        if isinstance(item, Corruption):
            result.corruptions.append(item)
            repair(item)
            return
        try:
            _replay_record(item, head, result)
        except ValueError as error:
            # The checksum was right, so the writer meant something we don't know: what follows may be sound.
            log.error("a record of the write-ahead log can't be read", segment=str(path), reason=str(error))
            result.skipped["damaged"] += 1


def _replay_record(record: bytes, head: Head, result: ReplayResult) -> None:
    kind = record[0] if record else 0
    if kind == SAMPLES:
        refs, ts, values = decode_samples(record)
        if len(refs):
            # Also ids whose series record is lost must never name another series.
            head.reserve_ids(int(refs.max()))
        tally = head.publish(refs, ts, values)
        result.samples += len(refs)
        result.unknown_samples += int(tally[4])
    elif kind == SERIES:
        head.restore(decode_series(record))
    elif kind == TOMBSTONES:
        with head.state_lock:
            for ref, low, high in decode_tombstones(record):
                row = head.store.row(ref)
                if row >= 0 and high >= head.min_valid:
                    head.deletions.add(row, low, high)
    else:
        result.skipped[RECORD_NAMES.get(kind, f"type {kind}")] += 1


def decode_tombstones(record: bytes) -> Iterator[tuple[int, int, int]]:
    """``(series id, first, last)`` of a tombstone record. Raises `ValueError`."""
    at = 1
    while at < len(record):
        if at + 8 > len(record):
            raise ValueError("a tombstone record is cut off")
        ref = int.from_bytes(record[at : at + 8], "big")
        low, at = get_varint(record, at + 8)
        high, at = get_varint(record, at)
        yield ref, low, high


def repair(corruption: Corruption) -> None:
    """Cuts a segment behind its last whole record and says so."""
    size = corruption.path.stat().st_size
    log.error(
        "a segment of the write-ahead log is damaged and was cut",
        segment=str(corruption.path),
        at=corruption.offset,
        cut_bytes=size - corruption.offset,
        reason=corruption.reason,
    )
    fd = os.open(corruption.path, os.O_WRONLY)
    try:
        os.ftruncate(fd, corruption.offset)
        os.fsync(fd)
    finally:
        os.close(fd)
