"""Groups: the alerts of a route that share their group labels, told together."""

from __future__ import annotations

from dataclasses import dataclass, field

from vedette.alerts.alert import Alert, in_order
from vedette.alerts.clock import MILLISECOND_NS
from vedette.alerts.routing import Route
from vedette.model.labels import Labels


@dataclass
class Group:
    """`due` is when it is looked at next, in nanoseconds."""

    route: Route
    labels: Labels
    due: int
    has_flushed: bool = False
    flushing: bool = False
    alerts: dict[int, Alert] = field(default_factory=dict)

    @classmethod
    def begin(cls, route: Route, labels: Labels, now: int) -> Group:
        return cls(route, labels, now + route.options.group_wait * MILLISECOND_NS)

    def insert(self, alert: Alert, now: int) -> bool:
        """Takes an alert in. True when the group is now due sooner than before.

        An alert that has fired for longer than the wait, as after a restart, does not wait again.
        """
        self.alerts[alert.fingerprint] = alert
        waited = alert.starts_at + self.route.options.group_wait * MILLISECOND_NS < now
        if self.has_flushed or not waited or self.due <= now:
            return False
        self.due = now
        return True

    def begin_flush(self, now: int) -> list[Alert]:
        """The alerts to tell of, and the time of the next look."""
        self.has_flushed = True
        self.due = now + self.route.options.group_interval * MILLISECOND_NS
        return in_order(self.alerts.values())

    def forget_told(self, told: list[Alert], now: int) -> None:
        """Drops the resolved alerts that were told, unless they were heard of again meanwhile."""
        for alert in told:
            if alert.resolved(now) and self.alerts.get(alert.fingerprint) is alert:
                del self.alerts[alert.fingerprint]
