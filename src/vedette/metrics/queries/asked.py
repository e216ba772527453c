"""A query as it was asked, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vedette.model.time import format_rfc3339

# ``{"httpRequest": {...}}`` or ``{"ruleGroup": {...}}``, as the query log has it.
Origin = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Times in milliseconds; an instant query has a step of 0."""

    query: str
    start: int
    end: int
    step: int

    def times_s(self) -> list[float]:
        """The steps, in seconds."""
        if self.step == 0:
            return [self.start / 1000]
        return [at / 1000 for at in range(self.start, self.end + 1, self.step)]

    def to_json(self) -> dict[str, Any]:
        """``params`` of the query log; the step in whole seconds, as the original has it."""
        return {
            "query": self.query,
            "start": show_time(self.start),
            "end": show_time(self.end),
            "step": self.step // 1000,
        }


def from_request(client: str, method: str, path: str) -> Origin:
    return {"httpRequest": {"clientIP": client, "method": method, "path": path}}


def from_rules(file: str, group: str) -> Origin:
    return {"ruleGroup": {"file": file, "name": group}}


def show_time(milliseconds: int) -> str:
    """``2026-02-08T14:59:50.368Z``; seconds where no calendar reaches."""
    try:
        return format_rfc3339(milliseconds * 10**6, digits=3)
    except (ValueError, OverflowError, OSError):
        return f"{milliseconds / 1000:g}"
