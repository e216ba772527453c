"""``prometheus_rule_*``: how the evaluation of rules goes."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Summary

from vedette.metrics.rules.group import GroupDefinition

_GROUP = ("rule_group",)


class RuleMetrics:
    """The role's `GroupObserver`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str) -> Counter:
            return Counter(f"prometheus_rule_{name}", text, _GROUP, registry=registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"prometheus_rule_{name}", text, _GROUP, registry=registry)

        self._evaluations = counter("evaluations", "Rule evaluations.")
        self._failures = counter("evaluation_failures", "Rule evaluations that failed.")
        self._iterations = counter("group_iterations", "Scheduled group evaluations, executed or missed.")
        self._missed = counter(
            "group_iterations_missed", "Group evaluations missed because the one before took too long."
        )
        self._interval = gauge("group_interval_seconds", "The interval of a group.")
        self._rules = gauge("group_rules", "The number of rules.")
        self._last_at = gauge("group_last_evaluation_timestamp_seconds", "When a group was last evaluated.")
        self._last_seconds = gauge("group_last_duration_seconds", "How long the last evaluation took.")
        self._last_samples = gauge("group_last_evaluation_samples", "Samples that the last evaluation gave.")
        self._rule_seconds = Summary(
            "prometheus_rule_evaluation_duration_seconds",
            "How long the evaluation of a rule takes.",
            registry=registry,
        )
        self._group_seconds = Summary(
            "prometheus_rule_group_duration_seconds",
            "How long the evaluation of a group takes.",
            registry=registry,
        )
        self._groups: set[str] = set()

    def describe(self, definitions: Sequence[GroupDefinition]) -> None:
        """These are the groups from now on: others' series go."""
        current = {definition.key for definition in definitions}
        for key in self._groups - current:
            for metric in (
                self._evaluations,
                self._failures,
                self._iterations,
                self._missed,
                self._interval,
                self._rules,
                self._last_at,
                self._last_seconds,
                self._last_samples,
            ):
                metric.remove(key)
        for definition in definitions:
            self._interval.labels(definition.key).set(definition.interval / 1000)
            self._rules.labels(definition.key).set(len(definition.rules))
            for metric in (self._evaluations, self._failures, self._iterations, self._missed):
                metric.labels(definition.key)
            for shown in (self._last_at, self._last_seconds, self._last_samples):
                shown.labels(definition.key)
        self._groups = current

    def rule_evaluated(self, group: str, seconds: float, *, failed: bool) -> None:
        self._rule_seconds.observe(seconds)
        self._evaluations.labels(group).inc()
        if failed:
            self._failures.labels(group).inc()

    def group_evaluated(self, group: str, at: int, seconds: float, samples: int) -> None:
        self._group_seconds.observe(seconds)
        self._iterations.labels(group).inc()
        self._last_at.labels(group).set(at / 1000)
        self._last_seconds.labels(group).set(seconds)
        self._last_samples.labels(group).set(samples)

    def missed(self, group: str, iterations: int) -> None:
        self._missed.labels(group).inc(iterations)
        self._iterations.labels(group).inc(iterations)
