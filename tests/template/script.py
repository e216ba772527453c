"""A small script language for template cases.

# a comment
data {"x": 1}            the data of the cases that follow, JSON (strings-only objects are map[string]string)
name page                the template's name in errors
option missing_key=zero
mode html                or text

{{ .x }}                 a template of one line, or several between <<< and >>>
=> 1                     what it prints; several => lines are several lines
!> text                  or: the error it raises
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vedette.template import StringMap


@dataclass(frozen=True)
class Case:
    file: str
    line: int
    template: str
    data: Any = None
    name: str = "t"
    missing_key: str = "default"
    html: bool = False
    want: str | None = None
    error: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def read_cases(path: Path) -> Iterator[Case]:
    settings = Case(path.stem, 0, "")
    lines = iter(enumerate(path.read_text().splitlines(), 1))
    pending: Case | None = None
    want: list[str] = []
    for number, line in lines:
        if pending is not None and not line.startswith(("=>", "!>")):
            yield replace(pending, want="\n".join(want) if want else pending.want)
            pending, want = None, []
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("data "):
            settings = replace(settings, data=_typed(json.loads(line[5:])))
        elif line.startswith("name "):
            settings = replace(settings, name=line[5:])
        elif line.startswith("option missing_key="):
            settings = replace(settings, missing_key=line.partition("=")[2])
        elif line.startswith("mode "):
            settings = replace(settings, html=line == "mode html")
        elif line.startswith("=>"):
            want.append(line[3:])
        elif line.startswith("!>"):
            assert pending is not None
            pending = replace(pending, error=line[3:])
        else:
            text = line
            if line == "<<<":
                inner = []
                for _, more in lines:
                    if more == ">>>":
                        break
                    inner.append(more)
                text = "\n".join(inner)
            pending = replace(settings, line=number, template=text)
    if pending is not None:
        yield replace(pending, want="\n".join(want) if want else pending.want)


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        made = {key: _typed(item) for key, item in value.items()}
        return StringMap(made) if made and all(isinstance(item, str) for item in made.values()) else made
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return value
