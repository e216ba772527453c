"""``output``: an extracted value becomes the line.     - output: {source: message}"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vedette.ship.entries import Batch, text_of
from vedette.ship.stages import StageError, mapping_of


@dataclass(frozen=True, slots=True)
class Output:
    source: str

    def run(self, batch: Batch) -> None:
        for row, values in enumerate(batch.scratch()):
            if self.source in values:
                batch.lines[row] = text_of(values[self.source])


def build(config: Any) -> Output:
    given = mapping_of(config, "output", frozenset({"source"}))
    if not given.get("source"):
        raise StageError("output source value is required", key="source")
    return Output(given["source"])
