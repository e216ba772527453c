"""A file of rule unit tests. Durations and times in milliseconds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from vedette.config.model import Duration
from vedette.metrics.rules.model import Part, Texts
from vedette.model.time import MINUTE, parse_api_time


def _time(value: object) -> object:
    return parse_api_time(value) if isinstance(value, str) else value


Time = Annotated[int, BeforeValidator(_time)]


class InputSeries(Part):
    series: str
    values: str


class ExpectedAlert(Part):
    exp_labels: Texts = Field(default_factory=dict)
    exp_annotations: Texts = Field(default_factory=dict)


class AlertTest(Part):
    eval_time: Duration = 0
    alertname: str
    exp_alerts: list[ExpectedAlert] = Field(default_factory=list)


class ExpectedSample(Part):
    labels: str = "{}"
    value: float = 0.0
    histogram: str = ""


class ExpressionTest(Part):
    expr: str
    eval_time: Duration = 0
    exp_samples: list[ExpectedSample] = Field(default_factory=list)


class TestGroup(Part):
    name: str = ""
    interval: Duration = 0
    input_series: list[InputSeries] = Field(default_factory=list)
    alert_rule_test: list[AlertTest] = Field(default_factory=list)
    promql_expr_test: list[ExpressionTest] = Field(default_factory=list)
    external_labels: Texts = Field(default_factory=dict)
    external_url: str = ""
    start_timestamp: Time = 0


class UnitFile(Part):
    rule_files: list[str] = Field(default_factory=list)
    evaluation_interval: Duration = MINUTE
    group_eval_order: list[str] = Field(default_factory=list)
    fuzzy_compare: bool = False
    tests: list[TestGroup] = Field(default_factory=list)
