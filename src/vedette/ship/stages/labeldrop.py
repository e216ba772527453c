"""``labeldrop``: these labels go.     - labeldrop: [filename, pod]"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vedette.ship.entries import Batch
from vedette.ship.stages import StageError


@dataclass(frozen=True, slots=True)
class LabelDrop:
    names: frozenset[str]

    def run(self, batch: Batch) -> None:
        batch.labels = [{n: v for n, v in labels.items() if n not in self.names} for labels in batch.labels]


def build(config: Any) -> LabelDrop:
    if not isinstance(config, list) or not config:
        raise StageError("labeldrop takes a list of label names")
    return LabelDrop(frozenset(config))
