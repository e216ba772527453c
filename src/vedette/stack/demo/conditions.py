"""What can be broken in the demo, and the file through which the application learns of it."""

from __future__ import annotations

import enum
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path


class Kind(enum.StrEnum):
    API = "api"  # the application's process is stopped
    DATABASE = "database"  # PostgreSQL is stopped
    REDIS = "redis"  # Valkey is stopped
    ERRORS = "errors"  # a part of the application's answers are 500
    LATENCY = "latency"  # the application's queries take seconds


# Kinds that are the application's own doing, by its file.
IN_APPLICATION = (Kind.ERRORS, Kind.LATENCY)

ALERTS = {
    Kind.API: ("APIDown",),
    Kind.DATABASE: ("DatabaseDown",),
    Kind.REDIS: ("RedisDown",),
    Kind.ERRORS: ("HighErrorRate",),
    Kind.LATENCY: ("SlowResponseTime", "SlowDatabaseQueries"),
}


def parse_kind(text: str) -> Kind:
    """Raises `ValueError` with the kinds there are."""
    try:
        return Kind(text)
    except ValueError:
        raise ValueError(
            f'"{text}" is nothing that can be broken; one of: {", ".join(k.value for k in Kind)}'
        ) from None


def write_conditions(file: Path, broken: Iterable[Kind]) -> None:
    """What is broken, whole or not at all: the application may be reading."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(sorted(kind.value for kind in broken)))
    os.replace(part, file)


def read_conditions(file: Path) -> frozenset[Kind]:
    """Nothing is broken when the file is absent or no list of kinds."""
    try:
        return frozenset(Kind(word) for word in json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return frozenset()


class Conditions:
    """The file as the application sees it: read again when it has changed, looked at four times a second."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._broken: frozenset[Kind] = frozenset()
        self._changed = -1
        self._looked = float("-inf")

    def __contains__(self, kind: Kind) -> bool:
        now = time.monotonic()
        if now - self._looked > 0.25:
            self._looked = now
            try:
                changed = self._file.stat().st_mtime_ns
            except OSError:
                changed = 0
            if changed != self._changed:
                self._changed, self._broken = changed, read_conditions(self._file)
        return kind in self._broken
