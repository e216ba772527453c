"""What becomes of an alert right now: told, or kept quiet by what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vedette.alerts.alert import Alert
from vedette.alerts.inhibition import Inhibitor
from vedette.alerts.silences import Silences


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """Ids of silences, fingerprints of alerts, names of time intervals."""

    silenced_by: Sequence[str] = ()
    inhibited_by: Sequence[str] = ()
    muted_by: Sequence[str] = ()

    @property
    def state(self) -> Literal["active", "suppressed"]:
        return "suppressed" if self.silenced_by or self.inhibited_by or self.muted_by else "active"


@dataclass(frozen=True, slots=True)
class AlertStatuses:
    inhibitor: Inhibitor
    silences: Silences

    def of(self, alert: Alert, now: int, muted_by: Sequence[str] = ()) -> AlertStatus:
        return AlertStatus(
            self.silences.silenced_by(alert.labels, now),
            [f"{found:016x}" for found in self.inhibitor.inhibited_by(alert.labels, now)],
            muted_by,
        )
