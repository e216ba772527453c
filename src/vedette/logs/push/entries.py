"""What a push body holds, before anything is checked."""

from __future__ import annotations

from dataclasses import dataclass

from vedette.logs.batch import Batch


@dataclass(frozen=True, slots=True)
class PushedStream:
    """`labels` as pairs in the order sent, or the text of a label set; entries in the order sent, metadata as sent."""

    labels: tuple[tuple[str, str], ...] | str
    batch: Batch
