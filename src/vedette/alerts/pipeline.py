"""What happens to a group at each flush:

mute (inhibition, active times, mute times, silences)  ->  for each integration:  dedup  ->  send  ->  record
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from vedette.alerts.alert import Alert
from vedette.alerts.clock import MILLISECOND_NS, Clock
from vedette.alerts.inhibition import Inhibitor
from vedette.alerts.metrics import AlertsMetrics
from vedette.alerts.notification_log import LogEntry, LogKey, NotificationLog
from vedette.alerts.notify.integration import Integration
from vedette.alerts.notify.message import Message
from vedette.alerts.notify.templates import Texts
from vedette.alerts.routing import Route, group_key
from vedette.alerts.silences import Silences
from vedette.alerts.stages.dedup import Reason, decide
from vedette.alerts.stages.mute import Intervals, audible
from vedette.alerts.stages.send import Delivery, deliver
from vedette.alerts.state import Sent, StateFile
from vedette.config.log import get_logger
from vedette.model.labels import Labels
from vedette.template import TemplateError, TemplateSet

log = get_logger("alerts.notify")


@dataclass(frozen=True)
class Flush:
    """One look at a group: its alerts in order, and the moment that decides which have resolved."""

    route: Route
    group: Labels
    alerts: Sequence[Alert]
    now: int
    deadline: int

    @property
    def key(self) -> str:
        return group_key(self.route, self.group)


@dataclass
class Pipeline:
    """Everything a flush needs. One per configuration."""

    clock: Clock
    inhibitor: Inhibitor
    silences: Silences
    log: NotificationLog
    state: StateFile
    metrics: AlertsMetrics
    templates: TemplateSet
    intervals: Intervals
    integrations: Mapping[str, Sequence[Integration]]
    external_url: str
    retention: int  # nanoseconds
    _warned: set[str] = field(default_factory=set)

    async def run(self, flush: Flush) -> bool:
        """True when every integration knows what it should; then resolved alerts may be forgotten."""
        told = audible(
            flush.alerts,
            options=flush.route.options,
            intervals=self.intervals,
            inhibited=lambda alert: bool(self.inhibitor.inhibited_by(alert.labels, flush.now)),
            silenced=lambda alert: bool(self.silences.silenced_by(alert.labels, self.clock.now())),
            now=flush.now,
        )
        for why, count in told.left_out.items():
            self.metrics.suppressed.labels(why.value).inc(count)
        if not told.alerts:
            return True
        integrations = self.integrations.get(flush.route.options.receiver, ())
        done = await asyncio.gather(*(self._tell(each, flush, told.alerts) for each in integrations))
        return all(done)

    async def _tell(self, integration: Integration, flush: Flush, alerts: Sequence[Alert]) -> bool:
        options = flush.route.options
        key = LogKey(flush.key, options.receiver, integration.kind, integration.index)
        firing = frozenset(a.fingerprint for a in alerts if not a.resolved(flush.now))
        resolved = frozenset(a.fingerprint for a in alerts if a.resolved(flush.now))
        entry = self.log.get(key)
        repeat = options.repeat_interval * MILLISECOND_NS
        now = self.clock.now()
        reason = decide(
            entry, firing, resolved, now=now, repeat=repeat, send_resolved=integration.send_resolved
        )
        if not reason.notifies:
            return True
        memory: Mapping[str, str] = entry.memory if entry is not None else {}
        shown = [a for a in alerts if integration.send_resolved or not a.resolved(flush.now)]
        if shown:
            message = self._message(flush, shown, reason, memory)
            delivery = await deliver(
                integration,
                message,
                clock=self.clock,
                deadline=flush.deadline,
                on_attempt=self.metrics.attempts(integration.kind),
            )
            self._record(integration, message, delivery)
            if delivery.error is not None:
                return False
            memory = delivery.memory or memory
        if not firing:
            memory = {}  # the next incident starts a message of its own
        gone_at = self.clock.now() + min(self.retention, 2 * repeat)
        self.log.put(key, LogEntry(self.clock.now(), firing, resolved, memory), gone_at=gone_at)
        return True

    def _message(
        self, flush: Flush, alerts: Sequence[Alert], reason: Reason, memory: Mapping[str, str]
    ) -> Message:
        def build(route_labels: Mapping[str, str]) -> Message:
            return Message(
                receiver=flush.route.options.receiver,
                group_key=flush.key,
                group_labels=flush.group,
                alerts=alerts,
                reason=reason,
                now=flush.now,
                external_url=self.external_url,
                route_labels=route_labels,
                memory=memory,
            )

        return build(route_labels(self.templates, flush.route, build({})))

    def _record(self, integration: Integration, message: Message, delivery: Delivery) -> None:
        data, error = message.data, delivery.error
        firing = len(data.alerts.firing())
        outcome = "sent" if error is None else "failed"
        self.metrics.notified(integration.kind, error)
        note = {
            "receiver": message.receiver,
            "integration": f"{integration.kind}[{integration.index}]",
            "group": message.group_key,
            "reason": message.reason.value,
            "attempts": delivery.attempts,
        }
        if error is None:
            log.debug("notified", **note)
        else:
            log.warning("notification failed", **note, error=error)
        self.state.record(
            Sent(
                at=self.clock.now(),
                receiver=message.receiver,
                integration=f"{integration.kind}[{integration.index}]",
                group_key=message.group_key,
                group_labels=orjson.dumps(message.group_labels.to_dict()).decode(),
                status=data.status,
                reason=message.reason.value,
                firing=firing,
                resolved=len(data.alerts) - firing,
                outcome=outcome,
                error=str(error) if error is not None else "",
                attempts=delivery.attempts,
                alerts=orjson.dumps(
                    [
                        {"status": a.status, "fingerprint": a.fingerprint, "labels": dict(a.labels)}
                        for a in data.alerts
                    ]
                ).decode(),
            )
        )


def route_labels(templates: TemplateSet, route: Route, message: Message) -> dict[str, str]:
    """The route's labels, rendered; one whose template fails reads as the failure."""
    made: dict[str, str] = {}
    for name, written in route.options.labels:
        try:
            made[name] = Texts(templates, message.data).text(written)
        except TemplateError as error:
            made[name] = f"<error expanding template: {error}>"
    return made
