"""``json``: values of a JSON line into the extracted map.

    - json:
        expressions: {status: response.status, user: }   # JMESPath; empty means the key itself
        source: payload                                  # an extracted value instead of the line
        drop_malformed: false

Objects and arrays are kept as JSON text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import jmespath
import orjson
from jmespath.exceptions import JMESPathError

from vedette.ship.entries import Batch, text_of
from vedette.ship.stages import StageError, flag, mapping_of

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Json:
    keys: tuple[tuple[str, str], ...]  # name and top-level key
    paths: tuple[tuple[str, Any], ...]  # name and compiled expression
    source: str
    drop_malformed: bool

    def run(self, batch: Batch) -> None:
        scratch = batch.scratch()
        malformed = False
        good = [True] * len(batch)
        for row, line in enumerate(batch.lines):
            text = line if not self.source else text_of(scratch[row].get(self.source))
            try:
                data = orjson.loads(text)
            except orjson.JSONDecodeError:
                data = None
            if not isinstance(data, dict):
                good[row], malformed = False, True
                continue
            values = scratch[row]
            for name, key in self.keys:
                if key in data:
                    _put(values, name, data[key])
            for name, path in self.paths:
                _put(values, name, path.search(data))
        if malformed and self.drop_malformed:
            batch.keep(good)


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        return
    values[name] = orjson.dumps(value).decode() if isinstance(value, (dict, list)) else value


def build(config: Any) -> Json:
    given = mapping_of(config, "json", frozenset({"expressions", "source", "drop_malformed"}))
    expressions = given.get("expressions")
    if not isinstance(expressions, dict) or not expressions:
        raise StageError(
            "JMES expression is required", key="expressions", hint="write expressions: {name: key}"
        )
    keys, paths = [], []
    for name, expression in expressions.items():
        text = expression or name
        if _PLAIN_KEY.match(text):
            keys.append((name, text))
            continue
        try:
            paths.append((name, jmespath.compile(text)))
        except JMESPathError as error:
            first = str(error).splitlines()[0]
            raise StageError(
                f'could not compile JMES expression "{text}": {first}', key="expressions"
            ) from None
    return Json(tuple(keys), tuple(paths), given.get("source") or "", flag(given, "drop_malformed"))
