"""Rules as they run: what they compute from a moment, and what is known of their last run."""

from __future__ import annotations

import enum
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from vedette.algebra.table import LabelTable, Symbols
from vedette.metrics.rules.alerting import (
    Alert,
    AlertState,
    Element,
    Remembered,
    advance,
    count_active,
    restored_active_at,
    worst_state,
)
from vedette.metrics.rules.evaluation import Moment, RuleError, Vector
from vedette.model.labels import ALERT_NAME, METRIC_NAME, Labels
from vedette.model.time import SECOND

ALERTS = "ALERTS"
ALERTS_FOR_STATE = "ALERTS_FOR_STATE"
ALERT_STATE = "alertstate"


class Health(enum.StrEnum):
    UNKNOWN = "unknown"
    OK = "ok"
    ERROR = "err"


@dataclass(frozen=True, slots=True)
class LastRun:
    """How a rule's newest evaluation went."""

    health: Health = Health.UNKNOWN
    error: str = ""
    at: int | None = None  # milliseconds
    seconds: float = 0.0


class RecordingRule:
    """`record`: writes the result of an expression under a new name."""

    kind = "recording"

    def __init__(self, name: str, expr: str, labels: Labels, *, printed: str = "") -> None:
        self.name = name
        self.expr = expr
        self.printed = printed or expr  # as the API shows it
        self.labels = labels
        self.last = LastRun()

    @property
    def identity(self) -> tuple[str, str, Labels]:
        """Rules with the same identity continue each other's series after a reload."""
        return self.kind, self.name, self.labels

    def evaluate(self, moment: Moment) -> Vector:
        """The series to write. Raises `RuleError`."""
        result = moment.query(self.expr, moment.sample_time)
        table = result.table
        for name, value in ((METRIC_NAME, self.name), *self.labels):
            table = table.with_column(name, np.full(table.rows, table.symbols.intern(value), dtype=np.int32))
        if len(table.group()[1]) != table.rows:
            raise RuleError("vector contains metrics with the same labelset after applying rule labels")
        if moment.limit and table.rows > moment.limit:
            raise RuleError(f"exceeded limit of {moment.limit} with {table.rows} series")
        return Vector(table, result.values)


class AlertingRule:
    """`alert`: keeps an alert for each result of an expression. `hold` is its `for`; durations in milliseconds."""

    kind = "alerting"

    def __init__(
        self,
        name: str,
        expr: str,
        labels: Labels,
        annotations: Labels,
        *,
        hold: int = 0,
        keep_firing: int = 0,
        printed: str = "",
        restored: bool = True,
    ) -> None:
        self.name = name
        self.expr = expr
        self.printed = printed or expr
        self.labels = labels
        self.annotations = annotations
        self.hold = hold
        self.keep_firing = keep_firing
        # ALERTS series are written only once the past is known, lest they overwrite it.
        self.restored = restored
        # Replaced as a whole at every evaluation, so that readers in other threads see one moment.
        self.alerts: dict[Labels, Alert] = {}
        self.last = LastRun()

    @property
    def identity(self) -> tuple[str, str, Labels]:
        return self.kind, self.name, self.labels

    @property
    def state(self) -> AlertState:
        return AlertState.UNKNOWN if self.last.at is None else worst_state(self.alerts)

    @property
    def active(self) -> list[Alert]:
        """Pending and firing alerts."""
        return [a for a in self.alerts.values() if a.state is not AlertState.INACTIVE]

    def evaluate(self, moment: Moment) -> Vector:
        """Moves the alerts on and gives the ALERTS series to write. Raises `RuleError`."""
        result = moment.query(self.expr, moment.sample_time)
        elements = self._elements(result, moment)
        after = advance(self.alerts, elements, now=moment.now, hold=self.hold, keep_firing=self.keep_firing)
        if moment.limit and (count := count_active(after)) > moment.limit:
            self.alerts = {}
            raise RuleError(f"exceeded limit of {moment.limit} with {count} alerts")
        self.alerts = after
        if not self.restored:
            return Vector.empty(LabelTable(result.table.symbols, {}, 0))
        return state_series(result.table.symbols, self.active)

    def _elements(self, result: Vector, moment: Moment) -> dict[Labels, Element]:
        elements: dict[Labels, Element] = {}
        for row, value in enumerate(result.values.tolist()):
            source = result.table.labels(row)

            def fill(text: str, source: Labels = source, value: float = value) -> str:
                return moment.expand(
                    text, rule=self.name, labels=source, value=value, now=moment.now, query=moment.query
                )

            named = [(name, fill(text)) for name, text in self.labels]
            labels = source.without(METRIC_NAME).with_([*named, (ALERT_NAME, self.name)])
            if labels in elements:
                raise RuleError("vector contains metrics with the same labelset after applying alert labels")
            elements[labels] = Element(Labels((name, fill(text)) for name, text in self.annotations), value)
        return elements

    def take_due(self, now: int, *, resend_delay: int) -> list[Alert]:
        """Alerts that receivers should hear of now; they count as sent."""
        due = [a for a in self.alerts.values() if a.needs_sending(now, resend_delay)]
        if due:
            self.alerts = self.alerts | {a.labels: replace(a, last_sent_at=now) for a in due}
        return due

    def restore(self, remembered: dict[Labels, Remembered], *, now: int, grace: int) -> None:
        """Gives pending alerts the age they had before a restart; from now on the ALERTS series are written."""
        after = dict(self.alerts)
        for labels, alert in self.alerts.items():
            past = remembered.get(labels)
            if past is not None:
                since = restored_active_at(past, now=now, hold=self.hold, grace=grace)
                after[labels] = replace(alert, active_at=since)
        self.alerts = after
        self.restored = True


Rule = RecordingRule | AlertingRule


def state_series(symbols: Symbols, alerts: Sequence[Alert]) -> Vector:
    """ALERTS (always 1) and ALERTS_FOR_STATE (seconds since when it is active) of each alert."""
    sets: list[Labels] = []
    values: list[float] = []
    for alert in alerts:
        sets.append(alert.labels.with_({METRIC_NAME: ALERTS, ALERT_STATE: alert.state.value}))
        values.append(1.0)
        sets.append(alert.labels.with_({METRIC_NAME: ALERTS_FOR_STATE}))
        values.append(float(alert.active_at // SECOND))
    return Vector(LabelTable.from_labels(symbols, sets), np.array(values, dtype=np.float64))


class Stopwatch:
    """Wall time of a block, in seconds."""

    __slots__ = ("_start", "seconds")

    def __enter__(self) -> Stopwatch:
        self._start = time.perf_counter()
        self.seconds = 0.0
        return self

    def __exit__(self, *exc: object) -> None:
        self.seconds = time.perf_counter() - self._start
