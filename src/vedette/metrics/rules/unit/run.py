"""Runs rule unit tests through the same groups, rules and engine that a server runs."""

from __future__ import annotations

import glob
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vedette.config.document import read_document
from vedette.config.model import validate
from vedette.metrics.notifier.alert import OutgoingAlert
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryError
from vedette.metrics.promql.result import QueryResult
from vedette.metrics.promql.script.compare import same_value
from vedette.metrics.promql.script.notation import (
    NotationError,
    Value,
    parse_labels,
    parse_values,
)
from vedette.metrics.rules.alerting import AlertState
from vedette.metrics.rules.group import Group, GroupContext, GroupDefinition
from vedette.metrics.rules.load import load_rule_files
from vedette.metrics.rules.manager import make_group
from vedette.metrics.rules.query import RuleQuery
from vedette.metrics.rules.rule import AlertingRule
from vedette.metrics.rules.templating import AlertTexts
from vedette.metrics.rules.unit.model import AlertTest, ExpressionTest, TestGroup, UnitFile
from vedette.metrics.rules.unit.store import UnitStorage
from vedette.model.labels import ALERT_NAME, Labels
from vedette.model.time import format_duration

FEATURES = frozenset({"promql-experimental-functions"})


@dataclass(slots=True)
class Outcome:
    """What failed, one sentence a failure. `passed` counts expectations that held."""

    passed: int = 0
    failures: list[str] = field(default_factory=list)

    def note(self, failure: str | None) -> None:
        if failure is None:
            self.passed += 1
        else:
            self.failures.append(failure)


def run_unit_file(path: Path) -> Outcome:
    """All tests of a file. Raises `ConfigError` when it or a rule file it names can't be read."""
    file = validate(read_document(path), UnitFile)
    paths = [Path(n) for pattern in file.rule_files for n in sorted(glob.glob(str(path.parent / pattern)))]
    definitions = load_rule_files(paths, interval=file.evaluation_interval, features=FEATURES)
    order = {name: at for at, name in enumerate(file.group_eval_order)}
    definitions.sort(key=lambda group: order.get(group.name, len(order)))
    outcome = Outcome()
    for number, test in enumerate(file.tests):
        name = test.name or f"test {number + 1}"
        try:
            _Run(file, test, definitions, outcome, name).run()
        except (NotationError, QueryError) as error:
            outcome.failures.append(f"{name}: {error}")
    return outcome


class _Silent:
    def rule_evaluated(self, group: str, seconds: float, *, failed: bool) -> None: ...

    def group_evaluated(self, group: str, at: int, seconds: float, samples: int) -> None: ...

    def missed(self, group: str, iterations: int) -> None: ...


def _nobody(alerts: Sequence[OutgoingAlert]) -> None: ...


class _Run:
    """One entry of `tests`."""

    def __init__(
        self, file: UnitFile, test: TestGroup, definitions: list[GroupDefinition], outcome: Outcome, name: str
    ) -> None:
        self.file, self.test, self.outcome, self.name = file, test, outcome, name
        self.step = file.evaluation_interval
        self.storage = UnitStorage()
        self.engine = Engine(self.storage, default_step_ms=self.step, enable_features=FEATURES)
        external = Labels(test.external_labels)
        context = GroupContext(
            self.storage,
            RuleQuery(self.engine),
            AlertTexts(lambda: external, test.external_url),
            _nobody,
            _Silent(),
        )
        self.groups: list[Group] = [make_group(d, context, restored=True) for d in definitions]

    def run(self) -> None:
        test, start = self.test, self.test.start_timestamp
        self._load()
        asked = [t.eval_time for t in test.alert_rule_test] + [t.eval_time for t in test.promql_expr_test]
        last = max(asked, default=0)
        errors: dict[str, None] = {}
        for now in range(start, start + last + 1, self.step):
            for group in self.groups:
                group.evaluate(now)
                for rule in group.rules:
                    if rule.last.error:
                        errors.setdefault(f"{self.name}: rule: {rule.name}, err: {rule.last.error}")
            for alert_test in test.alert_rule_test:
                if now <= start + alert_test.eval_time < now + self.step:
                    self.outcome.note(self._check_alerts(alert_test))
        for error in errors:
            self.outcome.note(error)
        for expression_test in test.promql_expr_test:
            self.outcome.note(self._check_samples(expression_test))

    def _load(self) -> None:
        interval = self.test.interval or self.step
        for series in self.test.input_series:
            labels = parse_labels(series.series)
            for at, value in enumerate(parse_values(series.values)):
                if value is not None:
                    self.storage.add(labels, self.test.start_timestamp + at * interval, value)

    def _check_alerts(self, test: AlertTest) -> str | None:
        want = sorted(
            (Labels({**expected.exp_labels, ALERT_NAME: test.alertname}), Labels(expected.exp_annotations))
            for expected in test.exp_alerts
        )
        got = sorted(
            (alert.labels, alert.annotations)
            for group in self.groups
            for rule in group.rules
            if isinstance(rule, AlertingRule) and rule.name == test.alertname
            for alert in rule.active
            if alert.state is AlertState.FIRING
        )
        if want == got:
            return None
        where = f"{self.name}: alertname: {test.alertname}, time: {format_duration(test.eval_time)}"
        return f"{where}, expected {_alerts(want)}, got {_alerts(got)}"

    def _check_samples(self, test: ExpressionTest) -> str | None:
        where = f'{self.name}: expr: "{test.expr}", time: {format_duration(test.eval_time)}'
        try:
            result = self.engine.instant(test.expr, self.test.start_timestamp + test.eval_time)
        except QueryError as error:
            return f"{where}, err: {error}"
        got = dict(_samples(result))
        want: dict[Labels, Value] = {
            parse_labels(s.labels): parse_values(s.histogram)[0] if s.histogram else s.value
            for s in test.exp_samples
        }
        same = got.keys() == want.keys() and all(self._equal(want[k], got[k]) for k in want)
        return None if same else f"{where}, expected {_shown(want)}, got {_shown(got)}"

    def _equal(self, want: Value, got: Value) -> bool:
        if isinstance(want, float) and isinstance(got, float):
            if self.file.fuzzy_compare and math.nextafter(want, got) == got:
                return True
            return want == got or (math.isnan(want) and math.isnan(got))
        return same_value(want, got)


def _samples(result: QueryResult) -> list[tuple[Labels, Value]]:
    histograms = result.histograms
    return [
        (
            result.table.labels(row),
            float(result.values[row, 0])
            if histograms is None or histograms[row, 0] is None
            else histograms[row, 0],
        )
        for row in range(result.rows)
        if result.present[row, 0]
    ]


def _shown(samples: dict[Labels, Value]) -> str:
    return ", ".join(f"{labels} {value}" for labels, value in samples.items()) or "nothing"


def _alerts(alerts: list[tuple[Labels, Labels]]) -> str:
    return ", ".join(f"labels {labels} annotations {texts}" for labels, texts in alerts) or "no alert"
