"""An alert as Alertmanagers receive it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from vedette.model.labels import Labels
from vedette.model.time import format_rfc3339


@dataclass(frozen=True, slots=True)
class OutgoingAlert:
    labels: Labels
    annotations: Labels
    starts_at: int  # milliseconds
    ends_at: int  # when it was resolved, or when it should count as resolved if nothing more is heard
    generator_url: str

    def relabelled(self, labels: Labels) -> OutgoingAlert:
        return replace(self, labels=labels)


def encode_alerts(alerts: Sequence[OutgoingAlert]) -> bytes:
    """The body of ``POST /api/v2/alerts``."""
    return orjson.dumps(
        [
            {
                "annotations": alert.annotations.to_dict(),
                "endsAt": format_rfc3339(alert.ends_at * 10**6, digits=3),
                "startsAt": format_rfc3339(alert.starts_at * 10**6, digits=3),
                "generatorURL": alert.generator_url,
                "labels": alert.labels.to_dict(),
            }
            for alert in alerts
        ]
    )
