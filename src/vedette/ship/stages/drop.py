"""``drop``: entries that meet every given condition go no further.

- drop: {source: level, value: debug}             # equal
- drop: {expression: '.*healthcheck.*'}           # the line matches
- drop: {older_than: 24h, longer_than: 8kb, drop_counter_reason: old}
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from vedette.config.model import parse_bytes
from vedette.model.time import DurationError, parse_go_duration
from vedette.ship.entries import Batch, text_of
from vedette.ship.stages import StageError, mapping_of
from vedette.ship.stages.regex import compile_expression


@dataclass(frozen=True, slots=True)
class Drop:
    sources: tuple[str, ...]
    separator: str
    value: str | None
    pattern: Any
    older_than_ns: int | None
    longer_than: int | None

    def run(self, batch: Batch) -> None:
        now = time.time_ns()
        scratch = batch.scratch() if self.sources else None
        rows = [
            not self._drops(line, batch.timestamps[row], scratch[row] if scratch is not None else {}, now)
            for row, line in enumerate(batch.lines)
        ]
        if not all(rows):
            batch.keep(rows)

    def _drops(self, line: str, timestamp: int, values: dict[str, Any], now: int) -> bool:
        if self.longer_than is not None and len(line.encode()) <= self.longer_than:
            return False
        if self.older_than_ns is not None and timestamp >= now - self.older_than_ns:
            return False
        if self.sources:
            if any(source not in values for source in self.sources):
                return False
            text = self.separator.join(text_of(values[source]) for source in self.sources)
        else:
            text = line
        if self.value is not None:
            return text == self.value
        return self.pattern is None or self.pattern.search(text) is not None


def build(config: Any) -> Drop:
    keys = "source separator value expression older_than longer_than drop_counter_reason"
    given = mapping_of(config, "drop", frozenset(keys.split()))
    conditions = [given.get(k) for k in ("source", "expression", "older_than", "longer_than")]
    if all(c is None for c in conditions):
        raise StageError(
            "drop stage config must contain at least one of source, expression, older_than or longer_than"
        )
    if given.get("value") is not None and given.get("expression") is not None:
        raise StageError("only one of expression or value can be defined", key="value")
    if given.get("value") is not None and given.get("source") is None:
        raise StageError("source must be defined when value is", key="value")
    source = given.get("source")
    sources = tuple(source) if isinstance(source, list) else (source,) if source else ()
    older = longer = None
    try:
        older = parse_go_duration(given["older_than"]) if given.get("older_than") else None
    except DurationError as error:
        raise StageError(str(error), key="older_than") from None
    try:
        longer = parse_bytes(given["longer_than"]) if given.get("longer_than") else None
    except ValueError as error:
        raise StageError(str(error), key="longer_than") from None
    pattern = compile_expression(given["expression"], groups=False) if given.get("expression") else None
    return Drop(sources, given.get("separator") or ";", given.get("value"), pattern, older, longer)
