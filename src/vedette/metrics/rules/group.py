"""A group of rules as it runs: evaluates them in order, writes what they give, reports what alerts say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import quote_plus

from vedette.config.log import get_logger
from vedette.metrics.contract import Storage, StorageError
from vedette.metrics.notifier.alert import OutgoingAlert
from vedette.metrics.rules.alerting import Alert
from vedette.metrics.rules.evaluation import Expander, Moment, Query, RuleError
from vedette.metrics.rules.restore import remembered_alerts
from vedette.metrics.rules.rule import AlertingRule, Health, LastRun, Rule, Stopwatch
from vedette.metrics.rules.schedule import Schedule
from vedette.metrics.rules.writer import SeriesWriter
from vedette.model.time import MINUTE

log = get_logger("metrics.rules")


class GroupObserver(Protocol):
    """Who counts evaluations. `group` is ``file;name``."""

    def rule_evaluated(self, group: str, seconds: float, *, failed: bool) -> None: ...

    def group_evaluated(self, group: str, at: int, seconds: float, samples: int) -> None: ...

    def missed(self, group: str, iterations: int) -> None: ...


@dataclass(frozen=True, slots=True)
class GroupContext:
    """What all groups share. Durations in milliseconds."""

    storage: Storage
    query: Query
    expand: Expander
    notify: Callable[[Sequence[OutgoingAlert]], None]
    observer: GroupObserver
    external_url: str = ""
    resend_delay: int = MINUTE
    outage_tolerance: int = 60 * MINUTE
    grace_period: int = 10 * MINUTE
    # `query` in the name of a group, for logs that say who asks.
    query_for: Callable[[GroupDefinition], Query] | None = None


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """A checked rule with what the group and the global section add. Equal definitions are the same rule."""

    alert: bool
    name: str
    expr: str
    labels: tuple[tuple[str, str], ...]
    annotations: tuple[tuple[str, str], ...] = ()
    hold: int = 0
    keep_firing: int = 0
    printed: str = ""


@dataclass(frozen=True, slots=True)
class GroupDefinition:
    file: str
    name: str
    interval: int
    query_offset: int
    limit: int
    rules: tuple[RuleDefinition, ...]

    @property
    def key(self) -> str:
        """The value of the label ``rule_group``."""
        return f"{self.file};{self.name}"


@dataclass(frozen=True, slots=True)
class GroupRun:
    at: int | None = None  # when the newest evaluation began, milliseconds
    seconds: float = 0.0


class Group:
    """Evaluation is one call at a time, in any thread; what it changes is replaced whole, so readers need no lock."""

    def __init__(self, definition: GroupDefinition, rules: Sequence[Rule], context: GroupContext) -> None:
        self.definition = definition
        self.rules = tuple(rules)
        self.schedule = Schedule.for_group(definition.file, definition.name, definition.interval)
        self.last = GroupRun()
        self._context = context
        self._writers = [SeriesWriter(context.storage) for _ in self.rules]
        self._orphans: list[SeriesWriter] = []  # series of rules that a reload took away

    def continue_from(self, old: Group) -> None:
        """Takes over alerts and series of the rules that `old` has too. Call between evaluations."""
        self.last = old.last
        left = list(zip(old.rules, old._writers, strict=True))
        for rule, writer in zip(self.rules, self._writers, strict=True):
            match = next((pair for pair in left if pair[0].identity == rule.identity), None)
            if match is None:
                continue
            left.remove(match)
            before, its_writer = match
            writer.adopt(its_writer)
            rule.last = before.last
            if isinstance(rule, AlertingRule) and isinstance(before, AlertingRule):
                rule.alerts, rule.restored = before.alerts, before.restored
        self._orphans = [writer for _, writer in left] + old._orphans

    def evaluate(self, now: int) -> None:
        """One iteration at the slot `now`. Faults of a rule are kept with the rule and counted, never raised."""
        context, samples = self._context, 0
        definition = self.definition
        query = context.query if context.query_for is None else context.query_for(definition)
        moment = Moment(now, definition.query_offset, definition.limit, query, context.expand)
        with Stopwatch() as whole:
            for rule, writer in zip(self.rules, self._writers, strict=True):
                with Stopwatch() as watch:
                    error, written = self._evaluate_rule(rule, writer, moment)
                samples += written
                health = Health.ERROR if error else Health.OK
                rule.last = LastRun(health, error, now, watch.seconds)
                context.observer.rule_evaluated(self.definition.key, watch.seconds, failed=bool(error))
            self._end_orphans(moment.sample_time)
        self.last = GroupRun(now, whole.seconds)
        context.observer.group_evaluated(self.definition.key, now, whole.seconds, samples)

    def _evaluate_rule(self, rule: Rule, writer: SeriesWriter, moment: Moment) -> tuple[str, int]:
        try:
            result = rule.evaluate(moment)
        except RuleError as error:
            log.warning("rule not evaluated", group=self.definition.key, rule=rule.name, error=error)
            return str(error), 0
        if isinstance(rule, AlertingRule):
            self._report(rule, moment.now)
        try:
            written = writer.write(result, moment.sample_time)
        except StorageError as error:
            log.error("rule result not stored", group=self.definition.key, rule=rule.name, error=error)
            return str(error), 0
        refused = replace(written, accepted=0)
        if refused.out_of_order or refused.duplicates or refused.too_old:
            log.warning(
                "samples of a rule refused",
                group=self.definition.key,
                rule=rule.name,
                out_of_order=refused.out_of_order,
                duplicates=refused.duplicates,
                too_old=refused.too_old,
            )
        return "", written.accepted

    def _report(self, rule: AlertingRule, now: int) -> None:
        due = rule.take_due(now, resend_delay=self._context.resend_delay)
        if due:
            lasts = 4 * max(self.definition.interval, self._context.resend_delay)
            url = generator_url(self._context.external_url, rule.printed)
            self._context.notify([outgoing(alert, now + lasts, url) for alert in due])

    def restore(self, now: int) -> None:
        """Gives alerts the age they had before a restart, from what the store remembers of them."""
        context = self._context
        for rule in self.rules:
            if not isinstance(rule, AlertingRule) or rule.restored:
                continue
            if rule.hold < context.grace_period or not rule.alerts:
                rule.restored = True
                continue
            try:
                past = remembered_alerts(context.storage, rule.name, now - context.outage_tolerance, now)
            except StorageError as error:
                log.error("state of alerts not restored", rule=rule.name, error=error)
                past = {}
            rule.restore(past, now=now, grace=context.grace_period)

    def finish(self, time: int) -> None:
        """Ends every series of a group that is gone for good."""
        self._orphans += self._writers
        self._end_orphans(time)

    def _end_orphans(self, time: int) -> None:
        try:
            while self._orphans:
                self._orphans[-1].end(time)
                self._orphans.pop()
        except StorageError as error:
            log.error("series of removed rules not ended", group=self.definition.key, error=error)


def outgoing(alert: Alert, valid_until: int, url: str) -> OutgoingAlert:
    return OutgoingAlert(
        labels=alert.labels,
        annotations=alert.annotations,
        starts_at=alert.active_at if alert.fired_at is None else alert.fired_at,
        ends_at=valid_until if alert.resolved_at is None else alert.resolved_at,
        generator_url=url,
    )


def generator_url(external_url: str, expr: str) -> str:
    """Where a receiver's reader finds the expression of an alert drawn."""
    return f"{external_url}/graph?g0.expr={quote_plus(expr)}&g0.tab=1"
