"""``static_labels``: constant labels.     - static_labels: {env: prod}"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vedette.model.labels import is_legacy_label_name
from vedette.ship.entries import Batch
from vedette.ship.stages import StageError


@dataclass(frozen=True, slots=True)
class StaticLabels:
    labels: dict[str, str]

    def run(self, batch: Batch) -> None:
        batch.labels = [labels | self.labels for labels in batch.labels]


def build(config: Any) -> StaticLabels:
    if not isinstance(config, dict) or not config:
        raise StageError("static_labels takes label: value pairs")
    for name in config:
        if not is_legacy_label_name(name):
            raise StageError(f'invalid label name "{name}"', key=name)
    return StaticLabels({name: value for name, value in config.items() if value})
