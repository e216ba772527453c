"""``labels``: extracted values become labels.     - labels: {level: , user: user_name}   # empty: the same name"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vedette.model.labels import is_legacy_label_name
from vedette.ship.entries import Batch, text_of
from vedette.ship.stages import StageError


@dataclass(frozen=True, slots=True)
class LabelsStage:
    sources: tuple[tuple[str, str], ...]  # label and extracted name

    def run(self, batch: Batch) -> None:
        for row, values in enumerate(batch.scratch()):
            found = {label: text_of(values[source]) for label, source in self.sources if source in values}
            if found:
                batch.labels[row] = batch.labels[row] | found


def build(config: Any) -> LabelsStage:
    if not isinstance(config, dict) or not config:
        raise StageError("labels takes label: source pairs", hint="write labels: {level: }")
    for name in config:
        if not is_legacy_label_name(name):
            raise StageError(f'invalid label name "{name}"', key=name)
    return LabelsStage(tuple((label, source or label) for label, source in config.items()))
