"""``regex``: named groups into the extracted map.

- regex: {expression: '^(?P<ip>\\S+) (?P<verb>\\w+)', source: message}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import re2

from vedette.ship.entries import Batch, text_of
from vedette.ship.stages import StageError, mapping_of


@dataclass(frozen=True, slots=True)
class Regex:
    pattern: Any
    source: str

    def run(self, batch: Batch) -> None:
        scratch = batch.scratch()
        search = self.pattern.search
        for row, line in enumerate(batch.lines):
            if self.source:
                value = scratch[row].get(self.source)
                if value is None:
                    continue
                line = text_of(value)
            found = search(line)
            if found is not None:
                scratch[row].update({k: v if v is not None else "" for k, v in found.groupdict().items()})


def compile_expression(text: str, *, groups: bool = True) -> Any:
    """RE2 of `text`, unanchored. Raises `StageError`; also when `groups` are needed and none is named."""
    options = re2.Options()
    options.log_errors = False
    try:
        pattern = re2.compile(text, options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise StageError(
            f'could not compile regular expression "{text}": {reason}', key="expression"
        ) from None
    if groups and not pattern.groupindex:
        raise StageError(f'"{text}" has no named group', key="expression", hint="write (?P<name>...)")
    return pattern


def build(config: Any) -> Regex:
    given = mapping_of(config, "regex", frozenset({"expression", "source"}))
    text = given.get("expression")
    if not text:
        raise StageError("expression is required", key="expression")
    return Regex(compile_expression(text), given.get("source") or "")
