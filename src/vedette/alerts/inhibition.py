"""Inhibition: a firing alert that keeps others quiet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vedette.alerts.alert import Alert
from vedette.alerts.settings.route import InhibitSettings
from vedette.model.labels import Labels, Matcher

_Key = tuple[str, ...]


@dataclass(slots=True)
class InhibitRule:
    """Alerts that match `target` are quiet while one that matches `source` fires with the same `equal` labels."""

    source: Sequence[Matcher]
    target: Sequence[Matcher]
    equal: Sequence[str]
    name: str = ""
    _sources: dict[_Key, dict[int, Alert]] = field(default_factory=dict)

    def hear(self, alert: Alert) -> None:
        if _matches(self.source, alert.labels):
            self._sources.setdefault(self._key(alert.labels), {})[alert.fingerprint] = alert

    def forget(self, alert: Alert) -> None:
        key = self._key(alert.labels)
        known = self._sources.get(key)
        if known is not None:
            known.pop(alert.fingerprint, None)
            if not known:
                del self._sources[key]

    def inhibitor(self, labels: Labels, now: int) -> Alert | None:
        """A firing alert that keeps `labels` quiet.

        What matches both sides can be kept quiet only by what matches the source alone, so that alerts of one kind
        never silence each other, or themselves.
        """
        if not _matches(self.target, labels):
            return None
        candidates = self._sources.get(self._key(labels))
        if not candidates:
            return None
        both_sides = _matches(self.source, labels)
        for alert in candidates.values():
            if alert.resolved(now) or (both_sides and _matches(self.target, alert.labels)):
                continue
            return alert
        return None

    def _key(self, labels: Labels) -> _Key:
        return tuple(labels.get(name) for name in self.equal)


def _matches(matchers: Sequence[Matcher], labels: Labels) -> bool:
    return all(matcher.matches_labels(labels) for matcher in matchers)


class Inhibitor:
    """All rules together; hears of every alert."""

    def __init__(self, rules: Iterable[InhibitSettings], alerts: Iterable[Alert] = ()) -> None:
        self.rules = [
            InhibitRule(rule.source(), rule.target(), tuple(sorted(set(rule.equal))), rule.name)
            for rule in rules
        ]
        for alert in alerts:
            self.hear(alert)

    def hear(self, alert: Alert) -> None:
        for rule in self.rules:
            rule.hear(alert)

    def forget(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            for rule in self.rules:
                rule.forget(alert)

    def inhibited_by(self, labels: Labels, now: int) -> list[int]:
        """Fingerprints of the alerts that keep `labels` quiet, one a rule."""
        found = (rule.inhibitor(labels, now) for rule in self.rules)
        return sorted({alert.fingerprint for alert in found if alert is not None})
