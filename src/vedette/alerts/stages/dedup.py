"""Is there anything new to tell? Pure: the log entry and the time are arguments, the answer is a named reason."""

from __future__ import annotations

import enum

from vedette.alerts.notification_log import LogEntry


class Reason(enum.Enum):
    """Why a notification goes out, or does not. The values are what receivers are told."""

    FIRST = "first notification"
    NEW_ALERTS = "new alerts added"
    ALL_RESOLVED = "all alerts resolved"
    SOME_RESOLVED = "some alerts resolved"
    REPEAT = "repeat interval elapsed"
    NEVER_FIRED = "nothing fired"
    NOTHING_NEW = "nothing new"

    @property
    def notifies(self) -> bool:
        return self not in (Reason.NEVER_FIRED, Reason.NOTHING_NEW)


def decide(
    entry: LogEntry | None,
    firing: frozenset[int],
    resolved: frozenset[int],
    *,
    now: int,
    repeat: int,
    send_resolved: bool,
) -> Reason:
    """`repeat` is in nanoseconds, as `now`; the sets are fingerprints of the group's alerts."""
    if entry is None:
        # A group that resolved before anybody was told needs no news of that.
        return Reason.FIRST if firing else Reason.NEVER_FIRED
    if not firing <= entry.firing:
        return Reason.NEW_ALERTS if entry.firing else Reason.FIRST
    if not firing:
        # Without send_resolved nothing goes out, but the log learns that the group is quiet.
        return Reason.ALL_RESOLVED if entry.firing else Reason.NOTHING_NEW
    if send_resolved and not resolved <= entry.resolved:
        return Reason.SOME_RESOLVED
    return Reason.REPEAT if entry.at < now - repeat else Reason.NOTHING_NEW
