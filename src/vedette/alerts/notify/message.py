"""What a notification says: the group's alerts, and the data that templates see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import ClassVar

from vedette.alerts.alert import Alert
from vedette.alerts.stages.dedup import Reason
from vedette.model.labels import Labels
from vedette.template.gotime import ZERO_TIME_NS, Time
from vedette.template.values import StringList, StringMap, Struct

_META = re.compile(r"[\\.+*?()|\[\]{}^$]")


class Pair(Struct):
    """A label's name and value."""

    __slots__ = ("name", "value")
    go_type: ClassVar[str] = "template.Pair"
    go_fields: ClassVar[Mapping[str, str]] = {"Name": "name", "Value": "value"}

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value


class Pairs(list[Pair]):
    go_type: ClassVar[str] = "template.Pairs"
    go_methods: ClassVar[Mapping[str, str]] = {"Names": "names", "Values": "values", "String": "text"}

    def names(self) -> StringList:
        return StringList(pair.name for pair in self)

    def values(self) -> StringList:
        return StringList(pair.value for pair in self)

    def text(self) -> str:
        return ", ".join(f"{pair.name}={pair.value}" for pair in self)


class KV(StringMap):
    """Labels or annotations."""

    go_type: ClassVar[str] = "template.KV"
    go_methods: ClassVar[Mapping[str, str]] = {
        "SortedPairs": "sorted_pairs",
        "Remove": "remove",
        "Names": "names",
        "Values": "held",
    }

    def sorted_pairs(self) -> Pairs:
        """By name, but alertname first."""
        names = sorted(self, key=lambda name: (name != "alertname", name))
        return Pairs(Pair(name, self[name]) for name in names)

    def remove(self, names: list[str]) -> KV:
        return KV({name: value for name, value in self.items() if name not in names})

    def names(self) -> StringList:
        return self.sorted_pairs().names()

    def held(self) -> StringList:
        return self.sorted_pairs().values()


class MessageAlert(Struct):
    """One alert as templates see it; a firing one has no end."""

    go_type: ClassVar[str] = "template.Alert"
    go_fields: ClassVar[Mapping[str, str]] = {
        "Status": "status",
        "Labels": "labels",
        "Annotations": "annotations",
        "StartsAt": "starts_at",
        "EndsAt": "ends_at",
        "GeneratorURL": "generator_url",
        "Fingerprint": "fingerprint",
    }
    json_names: ClassVar[Mapping[str, str]] = {
        "Status": "status",
        "Labels": "labels",
        "Annotations": "annotations",
        "StartsAt": "startsAt",
        "EndsAt": "endsAt",
        "GeneratorURL": "generatorURL",
        "Fingerprint": "fingerprint",
    }

    def __init__(self, alert: Alert, *, resolved: bool) -> None:
        self.status = "resolved" if resolved else "firing"
        self.labels = KV(alert.labels.to_dict())
        self.annotations = KV(alert.annotations)
        self.starts_at = Time(alert.starts_at)
        self.ends_at = Time(alert.ends_at if resolved else ZERO_TIME_NS)
        self.generator_url = alert.generator_url
        self.fingerprint = f"{alert.fingerprint:016x}"

    @property
    def fires(self) -> bool:
        return self.status == "firing"


class MessageAlerts(list[MessageAlert]):
    go_type: ClassVar[str] = "template.Alerts"
    go_methods: ClassVar[Mapping[str, str]] = {"Firing": "firing", "Resolved": "resolved"}

    def firing(self) -> MessageAlerts:
        return MessageAlerts(alert for alert in self if alert.fires)

    def resolved(self) -> MessageAlerts:
        return MessageAlerts(alert for alert in self if not alert.fires)


class MessageData(Struct):
    """Dot of every notification template."""

    go_type: ClassVar[str] = "template.Data"
    go_fields: ClassVar[Mapping[str, str]] = {
        "Receiver": "receiver",
        "Status": "status",
        "Alerts": "alerts",
        "GroupLabels": "group_labels",
        "CommonLabels": "common_labels",
        "CommonAnnotations": "common_annotations",
        "ExternalURL": "external_url",
        "NotificationReason": "reason",
        "RouteLabels": "route_labels",
    }
    json_names: ClassVar[Mapping[str, str]] = {
        "Receiver": "receiver",
        "Status": "status",
        "Alerts": "alerts",
        "GroupLabels": "groupLabels",
        "CommonLabels": "commonLabels",
        "CommonAnnotations": "commonAnnotations",
        "ExternalURL": "externalURL",
        "NotificationReason": "notification_reason",
        "RouteLabels": "routeLabels",
    }

    def __init__(self, message: Message) -> None:
        self.receiver = _META.sub(lambda found: f"\\{found[0]}", message.receiver)
        self.alerts = MessageAlerts(
            MessageAlert(alert, resolved=alert.resolved(message.now)) for alert in message.alerts
        )
        self.status = "firing" if self.alerts.firing() else "resolved"
        self.group_labels = KV(message.group_labels.to_dict())
        self.common_labels = KV(_common(alert.labels for alert in self.alerts))
        self.common_annotations = KV(_common(alert.annotations for alert in self.alerts))
        self.external_url = message.external_url
        self.reason = message.reason.value
        self.route_labels = KV(message.route_labels)


def _common(maps: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What all of `maps` say alike."""
    found = iter(maps)
    first = dict(next(found, {}))
    for other in found:
        first = {name: value for name, value in first.items() if other.get(name) == value}
    return first


@dataclass(frozen=True)
class Message:
    """A notification to one integration. `alerts` are in order; `now` decides which of them have resolved."""

    receiver: str
    group_key: str
    group_labels: Labels
    alerts: Sequence[Alert]
    reason: Reason
    now: int
    external_url: str = ""
    route_labels: Mapping[str, str] = field(default_factory=dict)
    memory: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def data(self) -> MessageData:
        return MessageData(self)

    @property
    def key_hash(self) -> str:
        """The group's name towards services that want one id for one incident."""
        return sha256(self.group_key.encode()).hexdigest()


def truncated(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis when something was cut."""
    if len(text) <= limit:
        return text
    return text[: limit - 1] + "…" if limit > 3 else text[:limit]
