"""`| line_format "{{.method}} {{.path}}"` rewrites the line by a Go template over its labels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from vedette.logs.functions.table import FUNCTIONS
from vedette.template import StringMap, Template, parse
from vedette.template.gotime import Time


@lru_cache(maxsize=256)
def line_template(text: str) -> Template:
    """Raises `vedette.template.TemplateError`."""
    return parse(text, name="line", functions=FUNCTIONS, missing_key="zero")


def execute(template: Template, labels: Mapping[str, str], line: str, time_ns: int) -> str:
    """The new line. Raises `vedette.template.TemplateError`."""

    def this_line() -> str:
        return line

    def this_time() -> Time:
        return Time(time_ns)

    return template.execute(StringMap(labels), functions={"__line__": this_line, "__timestamp__": this_time})
