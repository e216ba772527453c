"""Remote write 1.0, the receiving end: bytes of a request into the store."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass

import cramjam
import numpy as np

from vedette.kernels.remotewrite import decode_labels, decode_write_request
from vedette.metrics.contract import Appender, AppendStatus, Int64s, Storage
from vedette.model.labels import METRIC_NAME, Labels

MAX_DECODED_BYTES = 32 << 20
# Keys of series remembered with their references; a sender repeats them in every request.
MAX_REMEMBERED = 1_000_000


class WriteRefused(Exception):
    """A request the sender should not repeat. `str()` says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Received:
    samples: int  # stored
    histograms: int  # left out
    refused: str = ""  # why some samples were not stored, empty when all were


class RemoteWriteReceiver:
    """May be called from several threads. Good samples of a request are stored even when others are refused."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._refs: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def receive(self, body: bytes) -> Received:
        """Stores a snappy-compressed request. Raises `WriteRefused` and `StorageError`."""
        try:
            keys, offsets, times, values, histograms = decode_write_request(decompress(body))
        except ValueError as error:
            raise WriteRefused(str(error)) from None
        counts = np.diff(offsets)
        appender = self._storage.appender()
        try:
            with self._lock:
                series = self._references(appender, keys)
                refs = np.repeat(series, counts)
                statuses = appender.append(refs, times, values)
                unknown = statuses == AppendStatus.UNKNOWN_SERIES
                if unknown.any():
                    self._refs.clear()
                    refs = np.repeat(self._references(appender, keys), counts)
                    statuses[unknown] = appender.append(refs[unknown], times[unknown], values[unknown])
            appender.commit()
        except BaseException:
            appender.rollback()
            raise
        bad = np.flatnonzero(statuses != AppendStatus.OK)
        refused = ""
        if len(bad):
            first = int(np.searchsorted(offsets, bad[0], side="right")) - 1
            refused = _reason(Counter(statuses[bad].tolist()), keys[first])
        return Received(len(statuses) - len(bad), histograms, refused)

    def _references(self, appender: Appender, keys: list[bytes]) -> Int64s:
        refs, known = np.empty(len(keys), dtype=np.int64), self._refs
        if len(known) > MAX_REMEMBERED:
            known.clear()
        for row, key in enumerate(keys):
            ref = known.get(key)
            if ref is None:
                ref = known[key] = appender.series(_labels(key))
            refs[row] = ref
        return refs


def decompress(body: bytes) -> bytes:
    """The bytes of a snappy block, whose length is checked before any is made. Raises `ValueError`."""
    length = shift = 0
    for byte in body[:5]:
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if length > MAX_DECODED_BYTES:
        raise ValueError(f"snappy: decoded block is too large: {length} bytes, at most {MAX_DECODED_BYTES}")
    try:
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError:
        raise ValueError("snappy: corrupt input") from None


def _labels(key: bytes) -> Labels:
    try:
        pairs = decode_labels(key)
    except (ValueError, UnicodeDecodeError) as error:
        raise WriteRefused(str(error)) from None
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise WriteRefused(f"invalid labels: a label stands twice in {Labels(pairs)}")
    labels = Labels(pairs)
    if not labels.get(METRIC_NAME) or "" in names:
        raise WriteRefused(f"invalid metric name or label names: {labels}")
    return labels


_SENTENCES = {
    AppendStatus.OUT_OF_ORDER: "out of order sample",
    AppendStatus.DUPLICATE: "duplicate sample for timestamp",
    AppendStatus.OUT_OF_BOUNDS: "out of bounds",
}


def _reason(counts: Counter[int], key: bytes) -> str:
    parts = [
        f"{_SENTENCES.get(AppendStatus(status), 'refused')} ({count} samples)"
        for status, count in sorted(counts.items())
    ]
    return f"{', '.join(parts)}; first series {Labels(decode_labels(key))}"
