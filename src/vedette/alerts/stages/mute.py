"""Who must stay quiet: inhibition, time intervals, silences. Pure: `now` is an argument."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vedette.alerts.alert import Alert
from vedette.alerts.routing import RouteOptions
from vedette.alerts.timeinterval import TimeInterval

Intervals = Mapping[str, Sequence[TimeInterval]]


class Muted(enum.Enum):
    """Why alerts were left out; the values are those of `alertmanager_notifications_suppressed_total`."""

    INHIBITION = "inhibition"
    ACTIVE_TIME = "active_time_interval"
    MUTE_TIME = "mute_time_interval"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Audible:
    """The alerts that may be told, and how many were left out why."""

    alerts: list[Alert]
    left_out: Mapping[Muted, int]


def muted_by_time(options: RouteOptions, intervals: Intervals, now: int) -> tuple[Muted, list[str]] | None:
    """Which intervals keep a whole route quiet at `now`; None when none does."""
    if options.active_intervals and not any(
        _inside(intervals, name, now) for name in options.active_intervals
    ):
        return Muted.ACTIVE_TIME, list(options.active_intervals)
    muting = [name for name in options.mute_intervals if _inside(intervals, name, now)]
    return (Muted.MUTE_TIME, muting) if muting else None


def _inside(intervals: Intervals, name: str, now: int) -> bool:
    return any(interval.contains(now) for interval in intervals.get(name, ()))


def audible(
    alerts: Sequence[Alert],
    *,
    options: RouteOptions,
    intervals: Intervals,
    inhibited: Callable[[Alert], bool],
    silenced: Callable[[Alert], bool],
    now: int,
) -> Audible:
    """The alerts of a group that may be told, in the original's order of stages."""
    kept = [alert for alert in alerts if not inhibited(alert)]
    left_out = {Muted.INHIBITION: len(alerts) - len(kept)}
    timed = muted_by_time(options, intervals, now)
    if timed is not None:
        return Audible([], {**left_out, timed[0]: len(kept)})
    told = [alert for alert in kept if not silenced(alert)]
    left_out[Muted.SILENCE] = len(kept) - len(told)
    return Audible(told, {why: count for why, count in left_out.items() if count})
