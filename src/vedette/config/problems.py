"""Faults in files, said the way a person can act on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. Prints as ``file:line: where: what is wrong; what to write instead``."""

    file: str
    line: int  # from 1; 0 when the fault has no line
    column: int
    where: str  # the key, dotted: ``scrape_configs[0].job_name``
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [place, self.where] if self.where else [place]
        text = ": ".join([*parts, self.message])
        return f"{text}; {self.hint}" if self.hint else text


class ConfigError(Exception):
    """One or more faults that keep a file from being used. `str()` has a line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    return [p for p in problems if p.severity == "error"]
