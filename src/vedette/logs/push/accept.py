"""From what was sent to what is stored: labels, levels, limits. Bad entries are named, good ones go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vedette.logs.batch import DETECTED_LEVEL, Batch, Meta
from vedette.logs.limits import PushLimits
from vedette.logs.parsers.names import sanitize
from vedette.logs.push import levels
from vedette.logs.push.entries import PushedStream
from vedette.logs.push.errors import PushError
from vedette.logs.push.labels import LabelReader, StreamLabels
from vedette.logs.store.store import Pushed
from vedette.model.time import format_rfc3339

_LEVEL_METAS: list[Meta] = [((DETECTED_LEVEL, level),) for level in levels.LEVELS]
_NO_STREAMS = "error at least one valid stream is required for ingestion"


@dataclass(slots=True)
class Accepted:
    """What of a request may be stored. `faults` counts the texts of what may not; `discarded` counts by reason."""

    pushed: list[Pushed] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    discarded: Counter[str] = field(default_factory=Counter)
    received_lines: int = 0
    received_bytes: int = 0


class Acceptor:
    """Applies the limits of one configuration."""

    def __init__(self, limits: PushLimits) -> None:
        self.limits = limits
        self._labels = LabelReader(limits)
        self._levels = levels.LevelReader(limits.level_fields)

    def accept(self, streams: Sequence[PushedStream], now_ns: int) -> Accepted:
        """Raises `PushError` for a fault that spoils the whole request."""
        if not streams:
            raise PushError(_NO_STREAMS, 422)
        out = Accepted()
        for sent in streams:
            if not len(sent.batch):
                continue
            labels = self._labels.read(sent.labels)
            batch = self._with_metadata(labels, sent.batch)
            out.received_lines += len(batch)
            out.received_bytes += batch.line_bytes
            batch = self._checked(labels, batch, now_ns, out)
            if len(batch):
                out.pushed.append(Pushed(labels.labels, self._with_levels(labels, batch)))
                out.texts.append(labels.text)
        return out

    # ---- limits --------------------------------------------------------------------------------------------------

    def _checked(self, labels: StreamLabels, batch: Batch, now_ns: int, out: Accepted) -> Batch:
        limits = self.limits
        if labels.fault:
            out.faults[labels.fault] += len(batch)
            out.discarded["invalid_labels"] += len(batch)
            return batch.take(np.zeros(0, dtype=np.int32))
        bad = np.zeros(len(batch), dtype=bool)
        if limits.reject_old:
            oldest = now_ns - limits.max_age_ns
            for row in np.flatnonzero(batch.times < oldest).tolist():
                when = format_rfc3339(int(batch.times[row]) // 10**9 * 10**9)
                out.faults[
                    f"entry for stream '{labels.text}' has timestamp too old: {when}, oldest acceptable timestamp is: "
                    f"{format_rfc3339(oldest // 10**9 * 10**9)}"
                ] += 1
                out.discarded["greater_than_max_sample_age"] += 1
                bad[row] = True
        if limits.max_ahead_ns:
            for row in np.flatnonzero(batch.times > now_ns + limits.max_ahead_ns).tolist():
                when = format_rfc3339(int(batch.times[row]) // 10**9 * 10**9)
                out.faults[f"entry for stream '{labels.text}' has timestamp too new: {when}"] += 1
                out.discarded["too_far_in_future"] += 1
                bad[row] = True
        batch, bad = self._checked_lines(labels, batch, bad, out)
        self._check_metadata(labels, batch, bad, out)
        return batch.take(np.flatnonzero(~bad)) if bad.any() else batch

    def _checked_lines(
        self, labels: StreamLabels, batch: Batch, bad: np.ndarray, out: Accepted
    ) -> tuple[Batch, np.ndarray]:
        limit = self.limits.max_line_bytes
        lengths = batch.ends - batch.starts
        if not limit or not (lengths > limit).any():
            return batch, bad
        if self.limits.truncate_lines:
            entries = [(when, line[:limit], meta) for when, line, meta in batch.entries()]
            return Batch.of(entries), bad
        for row in np.flatnonzero((lengths > limit) & ~bad).tolist():
            out.faults[
                f"max entry size '{limit}' bytes exceeded for stream '{labels.text}' while adding an entry with "
                f"length '{int(lengths[row])}' bytes"
            ] += 1
            out.discarded["line_too_long"] += 1
            bad[row] = True
        return batch, bad

    def _check_metadata(self, labels: StreamLabels, batch: Batch, bad: np.ndarray, out: Accepted) -> None:
        for number, meta in enumerate(batch.meta_sets):
            fault = self._metadata_fault(labels, meta)
            if fault:
                rows = np.flatnonzero((batch.metas == number) & ~bad)
                out.faults[fault] += len(rows)
                out.discarded["structured_metadata"] += len(rows)
                bad[rows] = True

    def _metadata_fault(self, labels: StreamLabels, meta: Meta) -> str:
        limits = self.limits
        size = sum(len(name.encode()) + len(value.encode()) for name, value in meta)
        ask = "or contact your Loki administrator to increase it"
        if limits.max_metadata_bytes and size > limits.max_metadata_bytes:
            return (
                f"stream '{labels.text}' has structured metadata too large: '{size}' bytes, limit: "
                f"'{limits.max_metadata_bytes}' bytes. Please see `limits_config.max_structured_metadata_size` {ask}"
            )
        if limits.max_metadata_pairs and len(meta) > limits.max_metadata_pairs:
            return (
                f"stream '{labels.text}' has too many structured metadata labels: '{len(meta)}', limit: "
                f"'{limits.max_metadata_pairs}'. Please see `limits_config.max_structured_metadata_entries_count` {ask}"
            )
        if meta and not limits.allow_metadata:
            return (
                f"stream '{labels.text}' includes structured metadata, but this feature is disallowed. Please see "
                f"`limits_config.allow_structured_metadata` {ask}"
            )
        return ""

    # ---- what the server adds --------------------------------------------------------------------------------------

    def _with_metadata(self, labels: StreamLabels, batch: Batch) -> Batch:
        """Names of metadata repaired, empty values left out, pairs in order of name."""
        if len(batch.meta_sets) == 1 and not batch.meta_sets[0]:
            return batch
        sets = [_clean_meta(meta) for meta in batch.meta_sets]
        return Batch(batch.buffer, batch.starts, batch.ends, batch.times, batch.metas, sets)

    def _with_levels(self, labels: StreamLabels, batch: Batch) -> Batch:
        limits = self.limits
        if not (limits.discover_levels and limits.allow_metadata):
            return batch
        of_labels = levels.level_of_labels(labels.labels, limits.level_fields)
        if of_labels is None and len(batch.meta_sets) == 1 and not batch.meta_sets[0]:
            return self._with_line_levels(batch)
        entries = []
        for when, line, meta in batch.entries():
            entries.append((when, line, self._leveled(meta, of_labels, line)))
        return Batch.of(entries)

    def _with_line_levels(self, batch: Batch) -> Batch:
        used, metas = np.unique(self._levels.read(batch), return_inverse=True)
        sets = [_LEVEL_METAS[level] for level in used.tolist()]
        return Batch(batch.buffer, batch.starts, batch.ends, batch.times, metas.astype(np.int32), sets)

    def _leveled(self, meta: Meta, of_labels: str | None, line: bytes) -> Meta:
        fields = self.limits.level_fields
        for name, value in meta:
            if name == DETECTED_LEVEL:
                level = levels.normalise(value)
                return tuple((n, level if n == name else v) for n, v in meta)
        level = of_labels or levels.level_of_meta(meta, fields) or levels.level_of_line(line, fields)
        return tuple(sorted((*meta, (DETECTED_LEVEL, level))))


def _clean_meta(meta: Meta) -> Meta:
    out: dict[str, str] = {}
    for name, value in meta:
        clean = sanitize(name, first=False)
        if not clean.strip("_"):
            raise PushError("label name is empty")
        if "0" <= clean[0] <= "9":
            clean = f"key_{clean}"
        if value:
            out.setdefault(clean, value)
    return tuple(sorted(out.items()))
