"""``template``: a Go template makes a new extracted value.

    - template: {source: output, template: '{{ TrimRight .Value "\\n" }}'}

The template sees every extracted value by name, the source's old value as ``.Value`` and the line as ``.Entry``. An
empty result removes the value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import re2

from vedette.config.log import get_logger
from vedette.ship.entries import Batch, text_of
from vedette.ship.stages import StageError, mapping_of
from vedette.template import Template, TemplateError, parse

log = get_logger("ship.stages")


def _regex_replace_all(pattern: str, text: str, replacement: str) -> str:
    return str(re2.sub(pattern, replacement.replace("${", "\\g<").replace("}", ">"), text))


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    return text.replace(old, new, count)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "ToLower": lambda text: text.lower(),
    "ToUpper": lambda text: text.upper(),
    "Replace": _replace,
    "Trim": lambda text, cut: text.strip(cut),
    "TrimLeft": lambda text, cut: text.lstrip(cut),
    "TrimRight": lambda text, cut: text.rstrip(cut),
    "TrimPrefix": lambda text, prefix: text.removeprefix(prefix),
    "TrimSuffix": lambda text, suffix: text.removesuffix(suffix),
    "TrimSpace": lambda text: text.strip(),
    "regexReplaceAll": _regex_replace_all,
    "Hash": lambda salt, text: hashlib.sha3_256((salt + text).encode()).hexdigest(),
    "Sha2Hash": lambda salt, text: hashlib.sha256((salt + text).encode()).hexdigest(),
    "default": lambda fallback, value=None: value or fallback,
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "trim": lambda text: text.strip(),
    "contains": lambda part, text: part in text,
}


@dataclass(frozen=True, slots=True)
class TemplateStage:
    source: str
    template: Template

    def run(self, batch: Batch) -> None:
        for row, values in enumerate(batch.scratch()):
            data = {name: text_of(value) for name, value in values.items()}
            data["Entry"] = batch.lines[row]
            data["Value"] = text_of(values.get(self.source))
            try:
                made = self.template.execute(data)
            except TemplateError as error:
                log.debug("template stage left a line alone", error=error)
                continue
            if made:
                values[self.source] = made
            else:
                values.pop(self.source, None)


def build(config: Any) -> TemplateStage:
    given = mapping_of(config, "template", frozenset({"source", "template"}))
    if not given.get("source"):
        raise StageError("template source value is required", key="source")
    try:
        made = parse(
            given.get("template") or "", name="pipeline_template", functions=FUNCTIONS, missing_key="zero"
        )
    except TemplateError as error:
        raise StageError(str(error), key="template") from None
    return TemplateStage(given["source"], made)
