"""alertmanager.yml, read whole and checked whole."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import Field, model_validator

from vedette.alerts.settings.common import Part
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.alerts.settings.intervals import NamedIntervalSettings
from vedette.alerts.settings.receiver import ReceiverSettings
from vedette.alerts.settings.receivers.base import ReceiverEntry
from vedette.alerts.settings.route import InhibitSettings, RouteSettings
from vedette.alerts.timeinterval import TimeInterval
from vedette.config.document import Document, Location, read_document
from vedette.config.model import validate
from vedette.config.problems import ConfigError, Problem
from vedette.model.labels import quote


class TracingSettings(Part):
    """Read, so that a file with it is accepted; the alerts role sends no traces of itself."""

    client_type: str = "grpc"
    endpoint: str = ""
    sampling_fraction: float = 0.0
    insecure: bool = False
    tls_config: dict[str, Any] = Field(default_factory=dict)
    headers: dict[str, Any] = Field(default_factory=dict)
    compression: str = ""
    timeout: str = ""


class FileSettings(Part):
    """The top of the file."""

    global_: GlobalSettings = Field(default_factory=GlobalSettings, alias="global")
    templates: list[str] = Field(default_factory=list)
    route: RouteSettings | None = None
    receivers: list[ReceiverSettings] = Field(default_factory=list)
    inhibit_rules: list[InhibitSettings] = Field(default_factory=list)
    time_intervals: list[NamedIntervalSettings] = Field(default_factory=list)
    mute_time_intervals: list[NamedIntervalSettings] = Field(default_factory=list)
    tracing: TracingSettings | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.route is None:
            raise ValueError("no routes provided; add route with a receiver")
        return self


@dataclass(frozen=True)
class ReceiverConfig:
    """A receiver with everything it falls back to filled in. `loc` is where each entry stands in the file."""

    name: str
    labels: Mapping[str, str]
    entries: tuple[tuple[Location, ReceiverEntry], ...]


@dataclass(frozen=True)
class AlertsConfig:
    """A file that holds together: every name it uses is defined."""

    document: Document = field(repr=False)
    settings: FileSettings
    receivers: Mapping[str, ReceiverConfig]
    intervals: Mapping[str, tuple[TimeInterval, ...]]
    base_dir: Path

    @property
    def general(self) -> GlobalSettings:
        return self.settings.global_

    @property
    def route(self) -> RouteSettings:
        assert self.settings.route is not None
        return self.settings.route

    def template_files(self) -> list[Path]:
        found: list[str] = []
        for pattern in self.settings.templates:
            found += sorted(glob.glob(str(self.base_dir / pattern)))
        return [Path(name) for name in found]

    def shown(self) -> str:
        """The configuration as YAML, without secrets: what ``/api/v2/status`` gives and `amtool` reads."""
        data = self.settings.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000)

    def used_receivers(self) -> set[str]:
        return {route.receiver for _, route in walk(self.route) if route.receiver}


def walk(route: RouteSettings, loc: Location = ("route",)) -> Iterator[tuple[Location, RouteSettings]]:
    """Every route with its place, parents first."""
    yield loc, route
    for at, child in enumerate(route.routes):
        yield from walk(child, (*loc, "routes", at))


def load_config(path: Path, env: Mapping[str, str] | None = None) -> AlertsConfig:
    """Reads a file. Raises `ConfigError` with every fault."""
    return read_config(read_document(path, env))


def read_config(document: Document) -> AlertsConfig:
    """Raises `ConfigError` with every fault of the document."""
    config, problems = _read(document)
    if problems:
        raise ConfigError(sorted(problems, key=lambda p: (p.line, p.column)))
    return config


def _read(document: Document) -> tuple[AlertsConfig, list[Problem]]:
    """The configuration, and what keeps it from being used. Raises `ConfigError` when there is not even the former."""
    settings = validate(document, FileSettings)
    problems: list[Problem] = []
    assert settings.route is not None
    intervals = _intervals(document, settings, problems)
    receivers = _receivers(document, settings, problems)
    problems += _route_faults(document, settings.route, receivers, intervals)
    base_dir = Path(os.path.abspath(document.path)).parent
    return AlertsConfig(document, settings, receivers, intervals, base_dir), problems


def _intervals(
    document: Document, settings: FileSettings, problems: list[Problem]
) -> dict[str, tuple[TimeInterval, ...]]:
    made: dict[str, tuple[TimeInterval, ...]] = {}
    for key in ("time_intervals", "mute_time_intervals"):
        for at, named in enumerate(getattr(settings, key)):
            if named.name in made:
                message = f"time interval {quote(named.name)} is not unique"
                problems.append(document.problem((key, at, "name"), message, "rename one of them"))
            made[named.name] = tuple(spec.interval() for spec in named.time_intervals)
    return made


def _receivers(
    document: Document, settings: FileSettings, problems: list[Problem]
) -> dict[str, ReceiverConfig]:
    made: dict[str, ReceiverConfig] = {}
    for at, receiver in enumerate(settings.receivers):
        loc: Location = ("receivers", at)
        if not receiver.name:
            problems.append(document.problem(loc, "missing name in receiver", "add a name"))
        if receiver.name in made:
            message = f"notification config name {quote(receiver.name)} is not unique"
            problems.append(document.problem((*loc, "name"), message, "rename one of them"))
        entries: list[tuple[Location, ReceiverEntry]] = []
        for key, number, entry in receiver.entries():
            place = (*loc, key, number)
            try:
                entries.append((place, entry.with_defaults(settings.global_)))
            except ValueError as error:
                message, _, hint = str(error).partition("; ")
                problems.append(document.problem(place, message, hint))
        made[receiver.name] = ReceiverConfig(receiver.name, receiver.labels, tuple(entries))
    return made


def _route_faults(
    document: Document,
    root: RouteSettings,
    receivers: Mapping[str, ReceiverConfig],
    intervals: Mapping[str, tuple[TimeInterval, ...]],
) -> Iterator[Problem]:
    yield from _root_faults(document, root)
    known = ", ".join(sorted(receivers)) or "none"
    for loc, route in walk(root):
        if route.receiver and route.receiver not in receivers:
            yield document.problem(
                (*loc, "receiver"),
                f"undefined receiver {quote(route.receiver)} used in route",
                f"add it under receivers; defined: {known}",
            )
        for key in ("mute_time_intervals", "active_time_intervals"):
            for at, name in enumerate(getattr(route, key)):
                if name not in intervals:
                    yield document.problem(
                        (*loc, key, at),
                        f"undefined time interval {quote(name)} used in route",
                        f"add it under time_intervals; defined: {', '.join(sorted(intervals)) or 'none'}",
                    )


def _root_faults(document: Document, root: RouteSettings) -> Iterator[Problem]:
    if not root.receiver:
        yield document.problem(
            ("route", "receiver"), "root route must specify a default receiver", "add receiver"
        )
    for key in ("match", "match_re", "matchers"):
        if getattr(root, key):
            yield document.problem(
                ("route", key), "root route must not have any matchers", "move them to a child route"
            )
    if root.continue_:
        yield document.problem(("route", "continue"), "cannot have continue in root route", "remove it")
    for key in ("mute_time_intervals", "active_time_intervals"):
        if getattr(root, key):
            noun = key.replace("_", " ")
            yield document.problem(
                ("route", key), f"root route must not have any {noun}", "move them to a child route"
            )


def check_config(document: Document, *, alert_labels: frozenset[str] | None = None) -> list[Problem]:
    """Every fault and every doubt about the file, in the order of its lines.

    `alert_labels` are the labels that alerts are known to carry; without them, grouping is not judged.
    """
    from vedette.alerts.doubts import doubts

    try:
        config, problems = _read(document)
    except ConfigError as error:
        return error.problems
    return sorted([*problems, *doubts(config, alert_labels)], key=lambda p: (p.line, p.column))
