"""``timestamp``: an extracted value becomes the entry's time.

    - timestamp: {source: time, format: RFC3339Nano, fallback_formats: [Unix], location: UTC, action_on_failure: fudge}

With ``fudge`` (the default) a line whose time can't be read gets the last good one of its label set plus a
nanosecond, so that order holds; with ``skip`` it keeps the time it was read.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from vedette.model.golayout import NAMED, load_zone, parse_time
from vedette.ship.entries import Batch, text_of
from vedette.ship.stages import StageError, mapping_of

_UNIX = {"Unix": 10**9, "UnixMs": 10**6, "UnixUs": 10**3, "UnixNs": 1}
_REMEMBERED_STREAMS = 10_000


@dataclass(slots=True)
class Timestamp:
    source: str
    formats: tuple[str, ...]
    location: tzinfo = UTC
    fudge: bool = True
    _last: OrderedDict[tuple[tuple[str, str], ...], int] = field(default_factory=OrderedDict)

    def run(self, batch: Batch) -> None:
        scratch = batch.scratch()
        now = time.time_ns()
        for row in range(len(batch)):
            value = scratch[row].get(self.source)
            found = None if value is None else self._read(text_of(value), now)
            key = tuple(sorted(batch.labels[row].items())) if self.fudge else ()
            if found is None and self.fudge and key in self._last:
                found = self._last[key] + 1
            if found is None:
                continue
            batch.timestamps[row] = found
            if self.fudge:
                self._last[key] = found
                self._last.move_to_end(key)
                if len(self._last) > _REMEMBERED_STREAMS:
                    self._last.popitem(last=False)

    def _read(self, text: str, now_ns: int) -> int | None:
        for name in self.formats:
            try:
                scale = _UNIX.get(name)
                if scale is not None:
                    return int(Decimal(text) * scale)
                return parse_time(NAMED.get(name, name), text, self.location, near_ns=now_ns)
            except (ValueError, InvalidOperation, OverflowError):
                continue
        return None


def build(config: Any) -> Timestamp:
    allowed = frozenset({"source", "format", "fallback_formats", "location", "action_on_failure"})
    given = mapping_of(config, "timestamp", allowed)
    for key in ("source", "format"):
        if not given.get(key):
            raise StageError(f"timestamp {key} value is required", key=key)
    fallback = given.get("fallback_formats") or []
    action = given.get("action_on_failure") or "fudge"
    if action not in ("fudge", "skip"):
        raise StageError(f'"{action}" is not allowed', key="action_on_failure", hint="one of: fudge, skip")
    try:
        location = load_zone(given.get("location") or "")
    except ValueError as error:
        raise StageError(str(error), key="location") from None
    return Timestamp(given["source"], (given["format"], *fallback), location, action == "fudge")
