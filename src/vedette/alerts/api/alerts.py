"""``/api/v2/alerts`` and ``/api/v2/alerts/groups``"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from vedette.alerts.alert import Alert
from vedette.alerts.api.answers import (
    Refusal,
    answer,
    flag,
    missing,
    read_json,
    read_time,
    show_time,
    typed,
    unparsable,
)
from vedette.alerts.api.filters import keeps, read_matchers, read_receiver
from vedette.alerts.clock import MILLISECOND_NS
from vedette.alerts.notify.message import Message
from vedette.alerts.pipeline import route_labels
from vedette.alerts.routing import group_key
from vedette.alerts.stages.dedup import Reason
from vedette.alerts.stages.mute import muted_by_time
from vedette.alerts.status import AlertStatus
from vedette.model.labels import Labels, is_label_name, quote

if TYPE_CHECKING:
    from vedette.alerts.service import AlertsRole


def shown(alert: Alert, status: AlertStatus, receivers: Iterable[str]) -> dict[str, Any]:
    return {
        "annotations": dict(sorted(alert.annotations.items())),
        "endsAt": show_time(alert.ends_at),
        "fingerprint": f"{alert.fingerprint:016x}",
        "receivers": [{"name": name} for name in receivers],
        "startsAt": show_time(alert.starts_at),
        "status": {
            "inhibitedBy": list(status.inhibited_by),
            "mutedBy": list(status.muted_by),
            "silencedBy": list(status.silenced_by),
            "state": status.state,
        },
        "updatedAt": show_time(alert.updated_at),
        "generatorURL": alert.generator_url,
        "labels": alert.labels.to_dict(),
    }


def _wanted(request: Request) -> Callable[[Alert, AlertStatus], bool]:
    """The alerts that the request asks for. Raises `Refusal`."""
    matchers = read_matchers(request)
    active, silenced, inhibited = (flag(request, name) for name in ("active", "silenced", "inhibited"))

    def wanted(alert: Alert, status: AlertStatus) -> bool:
        if status.state == "active" and not active:
            return False
        if (status.silenced_by and not silenced) or (status.inhibited_by and not inhibited):
            return False
        return keeps(matchers, alert.labels.to_dict())

    return wanted


def list_alerts(role: AlertsRole, request: Request) -> Response:
    wanted, receiver = _wanted(request), read_receiver(request)
    now, statuses = role.clock.now(), role.statuses
    out: list[dict[str, Any]] = []
    for alert in role.store.pending(now):
        receivers = [route.options.receiver for route in role.running.root.match(alert.labels)]
        if not any(map(receiver, receivers)):
            continue
        status = statuses.of(alert, now)
        if wanted(alert, status):
            out.append(shown(alert, status, receivers))
    return answer(out)


def list_groups(role: AlertsRole, request: Request) -> Response:
    wanted, receiver, show_muted = _wanted(request), read_receiver(request), flag(request, "muted")
    now, statuses, running = role.clock.now(), role.statuses, role.running
    groups = [group for group in running.dispatcher.groups() if receiver(group.route.options.receiver)]
    told: dict[int, list[str]] = {}
    for group in groups:
        for fingerprint in group.alerts:
            told.setdefault(fingerprint, []).append(group.route.options.receiver)
    out: list[dict[str, Any]] = []
    for group in sorted(groups, key=lambda g: (g.labels.pairs, g.route.options.receiver)):
        muting = muted_by_time(group.route.options, running.config.intervals, now)
        if muting is not None and not show_muted:
            continue
        names = muting[1] if muting is not None else []
        alerts = [
            shown(alert, status, sorted(told[fingerprint]))
            for fingerprint, alert in sorted(group.alerts.items())
            if not alert.resolved(now) and wanted(alert, status := statuses.of(alert, now, names))
        ]
        if alerts:
            message = Message(
                receiver=group.route.options.receiver,
                group_key=group_key(group.route, group.labels),
                group_labels=group.labels,
                alerts=list(group.alerts.values()),
                reason=Reason.NOTHING_NEW,
                now=now,
                external_url=role.external_url,
            )
            out.append(
                {
                    "alerts": alerts,
                    "labels": group.labels.to_dict(),
                    "receiver": {"name": group.route.options.receiver},
                    "routeLabels": route_labels(running.templates, group.route, message),
                }
            )
    return answer(out)


async def post_alerts(role: AlertsRole, request: Request) -> Response:
    """Stores every valid alert, even when others are refused."""
    body = await read_json(request, "alerts")
    body = [] if body is None else body
    if not isinstance(body, list):
        raise unparsable("alerts", "it is not a list of alerts")
    now = role.clock.now()
    timeout = role.running.config.general.resolve_timeout * MILLISECOND_NS
    absent = [
        f"{at}.labels"
        for at, item in enumerate(body)
        if not isinstance(item, dict) or item.get("labels") is None
    ]
    if absent:
        raise missing(absent)
    read = [_read(item, now, timeout) for item in body]
    faults: list[str] = []
    good: list[Alert] = []
    for alert in read:
        role.metrics.received.labels("resolved" if alert.resolved(now) else "firing", "v2").inc()
        fault = _fault(alert)
        if fault is None:
            good.append(alert)
        else:
            role.metrics.invalid.labels("v2").inc()
            faults.append(fault)
    role.store.put(good, now)
    if faults:
        raise Refusal(400, "; ".join(faults))
    return Response(status_code=200)


def _read(item: dict[str, Any], now: int, timeout: int) -> Alert:
    starts_at, ends_at = read_time(item.get("startsAt"), "alerts"), read_time(item.get("endsAt"), "alerts")
    if starts_at is None:
        starts_at = now if ends_at is None else ends_at
    return Alert(
        labels=Labels(_texts(item["labels"])),
        annotations=_texts(item.get("annotations") or {}),
        starts_at=starts_at,
        ends_at=now + timeout if ends_at is None else ends_at,
        updated_at=now,
        generator_url=typed(item.get("generatorURL"), str, "Alert.generatorURL", "alerts"),
        timeout=ends_at is None,
    )


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise unparsable("alerts", "labels and annotations must be a mapping of text to text")
    return value


def _fault(alert: Alert) -> str | None:
    if alert.ends_at < alert.starts_at:
        return "start time must be before end time"
    if not alert.labels:
        return "at least one label pair required"
    for what, names in (
        ("label set", [n for n, _ in alert.labels]),
        ("annotations", list(alert.annotations)),
    ):
        bad = _bad_name(names)
        if bad is not None:
            return f"invalid {what}: invalid name {quote(bad)}"
    return None


def _bad_name(names: Sequence[str]) -> str | None:
    return next((name for name in names if not is_label_name(name)), None)
