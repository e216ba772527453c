"""A project directory: the guide's file names, and ``vedette.yml`` beside them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from vedette.config.document import read_document
from vedette.config.model import Duration, Strict, validate
from vedette.config.problems import ConfigError, Problem
from vedette.stack.settings import VedetteFile

PROMETHEUS = "prometheus.yml"
ALERTMANAGER = "alertmanager.yml"
LOKI = "logs/loki-config.yml"
PROMTAIL = "logs/promtail-config.yml"
DASHBOARDS = "dashboards"
RETENTION = "retention.yml"
SETTINGS = "vedette.yml"


class Retention(Strict):
    """How long each kind of data is kept, in milliseconds; 0 leaves it to the role's own file."""

    prometheus_retention: Duration = 0
    loki_retention: Duration = 0
    jaeger_retention: Duration = 0


class RetentionFile(Strict):
    retention: Retention = Field(default_factory=Retention)


@dataclass(frozen=True, slots=True)
class Project:
    """Where a project's files are, and what its ``vedette.yml`` says."""

    root: Path
    data_dir: Path
    settings: VedetteFile
    retention: Retention

    def file(self, name: str) -> Path:
        return self.root / name

    def has(self, name: str) -> bool:
        return (self.root / name).exists()

    def path_aliases(self) -> dict[str, str]:
        """Where the guide's container paths lie on this machine."""
        aliases = {"/app/logs": str(self.data_dir / "app-logs"), "/loki": str(self.data_dir / "loki")}
        for start, to in self.settings.path_aliases.items():
            aliases[start] = str((self.root / to).resolve())
        return aliases


def guide_dir() -> Path:
    """The corrected guide as shipped: in the package, or beside the sources in a checkout."""
    here = Path(__file__).resolve().parent
    for place in (here / "guide", here.parents[2] / "guide"):
        if (place / PROMETHEUS).exists():
            return place
    raise FileNotFoundError("the guide's files are not in this installation")


def default_data_dir(name: str) -> Path:
    """Where data goes when no directory was named: the user's data folder."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "vedette" / name


def open_project(
    root: Path | None, *, data_dir: Path | None = None, env: Mapping[str, str] | None = None
) -> Project:
    """Reads what steers a project. `root` None is the shipped guide. Raises `ConfigError` with every fault."""
    place = guide_dir() if root is None else root
    if not place.is_dir():
        hint = f"`vedette init {place}` writes a starting point"
        raise ConfigError([Problem(str(place), 0, 0, "", "no such directory", hint)])
    problems: list[Problem] = []
    settings, retention = VedetteFile(), Retention()
    try:
        if (place / SETTINGS).exists():
            settings = validate(read_document(place / SETTINGS, env), VedetteFile)
    except ConfigError as error:
        problems += error.problems
    try:
        if (place / RETENTION).exists():
            retention = validate(read_document(place / RETENTION, env), RetentionFile).retention
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(problems)
    if data_dir is None:
        if settings.data_dir:
            data_dir = place / settings.data_dir
        else:
            data_dir = default_data_dir("guide") if root is None else place / "data"
    return Project(place.resolve(), data_dir.resolve(), settings, retention)
