"""``labelallow``: only these labels stay.     - labelallow: [filename, pod]"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vedette.ship.entries import Batch
from vedette.ship.stages import StageError


@dataclass(frozen=True, slots=True)
class LabelAllow:
    names: frozenset[str]

    def run(self, batch: Batch) -> None:
        batch.labels = [{n: v for n, v in labels.items() if n in self.names} for labels in batch.labels]


def build(config: Any) -> LabelAllow:
    if not isinstance(config, list) or not config:
        raise StageError("labelallow takes a list of label names")
    return LabelAllow(frozenset(config))
