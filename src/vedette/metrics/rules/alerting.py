"""What becomes of an alert from one evaluation to the next.

Everything here is pure: alerts are values, `now` is an argument, a decision is a new value. Times and durations are
milliseconds.

    inactive --> pending --(for elapsed)--> firing --(gone, keep_firing_for elapsed)--> inactive, resolved_at set
                    `--(gone)--> forgotten                         kept RESOLVED_RETENTION, so that the end is sent
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace

from vedette.model.labels import Labels
from vedette.model.time import MINUTE

# How long a resolved alert is remembered and its end re-sent.
RESOLVED_RETENTION = 15 * MINUTE


class AlertState(enum.StrEnum):
    UNKNOWN = "unknown"  # of a rule that was not evaluated yet; never of an alert
    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"

    @property
    def severity(self) -> int:
        """Order for "the worst state of a rule"."""
        return _SEVERITY[self]


_SEVERITY = {AlertState.UNKNOWN: 0, AlertState.INACTIVE: 1, AlertState.PENDING: 2, AlertState.FIRING: 3}


@dataclass(frozen=True, slots=True)
class Element:
    """One result of an alerting expression after templating: what an alert would say now."""

    annotations: Labels
    value: float


@dataclass(frozen=True, slots=True)
class Alert:
    labels: Labels
    annotations: Labels
    value: float
    state: AlertState
    active_at: int
    fired_at: int | None = None
    resolved_at: int | None = None
    keep_firing_since: int | None = None
    last_sent_at: int | None = None

    def needs_sending(self, now: int, resend_delay: int) -> bool:
        """Whether receivers should hear of it now: news, or long enough since the last time."""
        if self.state is AlertState.PENDING:
            return False
        if self.last_sent_at is None:
            return True
        if self.resolved_at is not None and self.resolved_at > self.last_sent_at:
            return True
        return self.last_sent_at + resend_delay < now


Alerts = Mapping[Labels, Alert]


def advance(
    active: Alerts, elements: Mapping[Labels, Element], *, now: int, hold: int, keep_firing: int
) -> dict[Labels, Alert]:
    """The alerts after an evaluation that returned `elements`; `hold` is the rule's `for`."""
    after: dict[Labels, Alert] = {}
    for labels, element in elements.items():
        known = active.get(labels)
        if known is None or known.state is AlertState.INACTIVE:
            alert = Alert(labels, element.annotations, element.value, AlertState.PENDING, active_at=now)
        else:
            alert = replace(
                known, annotations=element.annotations, value=element.value, keep_firing_since=None
            )
        if alert.state is AlertState.PENDING and now - alert.active_at >= hold:
            alert = replace(alert, state=AlertState.FIRING, fired_at=now)
        after[labels] = alert
    for labels, alert in active.items():
        if labels not in elements and (rest := _without_element(alert, now, keep_firing)) is not None:
            after[labels] = rest
    return after


def _without_element(alert: Alert, now: int, keep_firing: int) -> Alert | None:
    if alert.state is AlertState.PENDING:
        return None
    if alert.resolved_at is not None:
        return None if now - alert.resolved_at > RESOLVED_RETENTION else alert
    since = now if alert.keep_firing_since is None else alert.keep_firing_since
    if keep_firing and now - since < keep_firing:
        return replace(alert, keep_firing_since=since)
    return replace(alert, state=AlertState.INACTIVE, resolved_at=now, keep_firing_since=None)


def count_active(alerts: Alerts) -> int:
    """Pending and firing alerts: what a group's `limit` is compared with."""
    return sum(alert.state is not AlertState.INACTIVE for alert in alerts.values())


def worst_state(alerts: Alerts) -> AlertState:
    """The state of a rule that has been evaluated: that of its worst alert."""
    return max((a.state for a in alerts.values()), key=lambda s: s.severity, default=AlertState.INACTIVE)


@dataclass(frozen=True, slots=True)
class Remembered:
    """The newest sample of an alert's ALERTS_FOR_STATE series from before the restart."""

    time: int  # when it was written: the last moment known before the outage
    active_at: int


def restored_active_at(remembered: Remembered, *, now: int, hold: int, grace: int) -> int:
    """When a pending alert of before the restart counts as active since. The outage itself does not count.

    An alert whose `for` had elapsed fires at once; one with less than `grace` left gets `grace`, so that a
    condition which ended during the outage does not fire.
    """
    remaining = hold - (remembered.time - remembered.active_at)
    if remaining <= 0:
        return remembered.active_at
    if remaining < grace:
        return now + grace - hold
    return remembered.active_at + (now - remembered.time)
