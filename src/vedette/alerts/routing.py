"""The routing tree: which receivers an alert reaches, how it is grouped and how often it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vedette.alerts.settings.route import RouteSettings
from vedette.model.labels import Labels, Matcher, quote
from vedette.model.time import HOUR, MINUTE, SECOND

_ALL = "..."


@dataclass(frozen=True, slots=True)
class RouteOptions:
    """Durations are milliseconds. `group_by` None means all labels."""

    receiver: str
    group_by: tuple[str, ...] | None = ()
    group_wait: int = 30 * SECOND
    group_interval: int = 5 * MINUTE
    repeat_interval: int = 4 * HOUR
    mute_intervals: tuple[str, ...] = ()
    active_intervals: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """`key` is the path of matchers from the root, `id` numbers the routes depth first."""

    id: int
    key: str
    matchers: tuple[Matcher, ...]
    continues: bool
    options: RouteOptions
    children: tuple[Route, ...]

    def match(self, labels: Labels) -> list[Route]:
        """Every route that takes the alert, in the order of the file; the root takes what no other does."""
        if not all(matcher.matches_labels(labels) for matcher in self.matchers):
            return []
        found: list[Route] = []
        for child in self.children:
            taken = child.match(labels)
            found += taken
            if taken and not child.continues:
                break
        return found or [self]

    def group_labels(self, labels: Labels) -> Labels:
        names = self.options.group_by
        return labels if names is None else labels.only(names)

    def walk(self) -> Iterator[Route]:
        yield self
        for child in self.children:
            yield from child.walk()


def group_key(route: Route, group: Labels) -> str:
    """The identity of a group: for the notification log, and hashed, for receivers."""
    inside = ", ".join(f"{name}={quote(value)}" for name, value in group)
    return f"{route.key}:{{{inside}}}"


def build_routes(root: RouteSettings) -> Route:
    return _Builder().build(root, None, "")


class _Builder:
    def __init__(self) -> None:
        self.count = 0

    def build(self, settings: RouteSettings, parent: RouteOptions | None, prefix: str) -> Route:
        number = self.count
        self.count += 1
        matchers = tuple(sorted(settings.all_matchers(), key=lambda m: (m.name, m.value, m.op)))
        key = f"{prefix}{{{','.join(map(str, matchers))}}}"
        options = _inherit(settings, parent)
        children = tuple(self.build(child, options, f"{key}/") for child in settings.routes)
        return Route(number, key, matchers, settings.continue_, options, children)


def _inherit(own: RouteSettings, parent: RouteOptions | None) -> RouteOptions:
    base = parent or RouteOptions(receiver="")
    group_by: tuple[str, ...] | None = base.group_by
    if own.group_by is not None:
        group_by = None if _ALL in own.group_by else tuple(own.group_by)
    labels: Mapping[str, str] = dict(base.labels) | own.labels
    return RouteOptions(
        receiver=own.receiver or base.receiver,
        group_by=group_by,
        group_wait=base.group_wait if own.group_wait is None else own.group_wait,
        group_interval=own.group_interval or base.group_interval,
        repeat_interval=own.repeat_interval or base.repeat_interval,
        mute_intervals=tuple(own.mute_time_intervals),
        active_intervals=tuple(own.active_time_intervals),
        labels=tuple(sorted(labels.items())),
    )
