"""The alerts that are known, by label set. They live in memory: senders repeat what still fires."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from vedette.alerts.alert import Alert

Listener = Callable[[Alert], None]


class AlertStore:
    """Listeners hear of every alert that is put, after it was merged with what was known."""

    def __init__(self) -> None:
        self._alerts: dict[int, Alert] = {}
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Returns what ends the subscription."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def put(self, alerts: Iterable[Alert], now: int) -> None:
        for alert in alerts:
            known = self._alerts.get(alert.fingerprint)
            if known is not None and alert.overlaps(known):
                alert = alert.merged(known, now)
            self._alerts[alert.fingerprint] = alert
            for listener in tuple(self._listeners):
                listener(alert)

    def get(self, fingerprint: int) -> Alert | None:
        return self._alerts.get(fingerprint)

    def __iter__(self) -> Iterator[Alert]:
        return iter(tuple(self._alerts.values()))

    def __len__(self) -> int:
        return len(self._alerts)

    def pending(self, now: int) -> list[Alert]:
        """What fires, by fingerprint."""
        return [alert for _, alert in sorted(self._alerts.items()) if not alert.resolved(now)]

    def forget_resolved(self, now: int) -> list[Alert]:
        """Drops what has resolved; returns it."""
        gone = [alert for alert in self._alerts.values() if alert.resolved(now)]
        for alert in gone:
            del self._alerts[alert.fingerprint]
        return gone
