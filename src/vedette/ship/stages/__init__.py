"""Pipeline stages, one a module. Each reads its configuration, then works on whole batches.

A stage never fails an entry: what it can't do to a line it leaves undone, and the line goes on.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from vedette.ship.entries import Batch


class Stage(Protocol):
    def run(self, batch: Batch) -> None: ...


class StageError(ValueError):
    """A stage's configuration is wrong. `key` is where below the stage; `str()` what is wrong."""

    def __init__(self, message: str, *, key: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.key, self.hint = key, hint


# The stage's name in a file, and the module of this package that builds it.
BUILT: Mapping[str, str] = {
    "docker": "docker",
    "drop": "drop",
    "json": "json",
    "labelallow": "labelallow",
    "labeldrop": "labeldrop",
    "labels": "labels",
    "output": "output",
    "regex": "regex",
    "static_labels": "static_labels",
    "template": "template",
    "timestamp": "timestamp",
}
# Stages of the original that are not built: refused by name.
KNOWN: frozenset[str] = frozenset(
    [
        "cri",
        "logfmt",
        "replace",
        "structured_metadata",
        "non_indexed_labels",
        "tenant",
        "match",
        "multiline",
        "limit",
        "sampling",
        "decolorize",
        "metrics",
        "pack",
        "eventlogmessage",
        "geoip",
    ]
)


def build_stage(name: str, config: Any) -> Stage:
    """The stage `name` made from its part of the file. Raises `StageError`."""
    module = BUILT.get(name)
    if module is None:
        if name in KNOWN:
            raise StageError(f'the stage "{name}" is not supported', hint=f"supported: {', '.join(BUILT)}")
        raise StageError(f'unknown stage "{name}"', hint=f"one of: {', '.join(BUILT)}")
    build: Callable[[Any], Stage] = importlib.import_module(f"vedette.ship.stages.{module}").build
    return build(config)


class Pipeline:
    """Stages in order."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = tuple(stages)

    def run(self, batch: Batch) -> None:
        for stage in self.stages:
            if not batch.lines:
                return
            stage.run(batch)


def mapping_of(config: Any, what: str, allowed: frozenset[str]) -> dict[str, Any]:
    """`config` as a mapping with no other keys than `allowed`. Raises `StageError`."""
    if config is None:
        return {}
    if not isinstance(config, dict):
        raise StageError(f"{what} takes key: value pairs")
    for key in config:
        if key not in allowed:
            raise StageError(
                f'unknown key "{key}"', key=key, hint=f"known here: {', '.join(sorted(allowed))}"
            )
    return config


def flag(config: Mapping[str, Any], key: str) -> bool:
    """A true/false key, False when absent. Raises `StageError`."""
    value = config.get(key)
    if value in (None, "false"):
        return False
    if value == "true":
        return True
    raise StageError(f'"{value}" is not true or false', key=key)
