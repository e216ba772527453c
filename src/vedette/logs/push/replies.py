"""The text of a partly refused push, as the original words it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vedette.logs.push.labels import label_text
from vedette.logs.store.store import TooFarBehind
from vedette.model.time import format_rfc3339

TENANT = "fake"
_SHOWN = 10


def faults_text(faults: Counter[str]) -> str:
    """One fault as it is, several with how often each occurred."""
    if len(faults) == 1 and sum(faults.values()) == 1:
        return next(iter(faults))
    return "; ".join(f"{count} errors like: {text}" for text, count in faults.items())


def too_far_behind_text(refused: Sequence[TooFarBehind]) -> str:
    """Which entries were too far behind, stream by stream."""
    return "\n".join(_stream_text(item) for item in refused)


def _stream_text(item: TooFarBehind) -> str:
    batch = item.pushed.batch
    lines = []
    for row in item.rows[:_SHOWN].tolist():
        when = int(batch.times[row])
        lines.append(
            f"entry with timestamp {_go_time(when)} ignored, reason: 'entry too far behind, entry timestamp is: "
            f"{format_rfc3339(when)}, oldest acceptable timestamp is: {format_rfc3339(item.oldest_acceptable)}',"
        )
    total = f"user '{TENANT}', total ignored: {len(item.rows)} out of {len(batch)} for stream: "
    return "\n".join([*lines, total + label_text(item.pushed.labels)])


def _go_time(ns: int) -> str:
    """As Go prints a time: ``2026-01-05 00:56:39.5 +0000 UTC``."""
    return format_rfc3339(ns).replace("T", " ").replace("Z", " +0000 UTC")
