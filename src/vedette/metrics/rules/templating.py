"""Texts of alerts: the templates of their labels and annotations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vedette.metrics.rules.evaluation import Query, RuleError
from vedette.model.labels import Labels
from vedette.template.errors import FunctionError, TemplateError
from vedette.template.prometheus import Row, Surroundings, check_alert, expand_alert


@dataclass(frozen=True, slots=True)
class AlertTexts:
    """The role's `Expander`. `external_labels` is asked each time, since a reload may change them."""

    external_labels: Callable[[], Labels]
    external_url: str = ""

    def __call__(self, text: str, *, rule: str, labels: Labels, value: float, now: int, query: Query) -> str:
        if "{{" not in text:
            return text

        def rows(expression: str) -> list[Row]:
            try:
                found = query(expression, now)
            except RuleError as error:
                raise FunctionError(str(error)) from None
            return [(found.table.labels(i).to_dict(), v) for i, v in enumerate(found.values.tolist())]

        around = Surroundings(query=rows, external_url=self.external_url, now=lambda: now / 1000)
        try:
            return expand_alert(
                text,
                name=rule,
                labels=labels.to_dict(),
                value=value,
                around=around,
                external_labels=self.external_labels().to_dict(),
            )
        except TemplateError as error:
            return f"<error expanding template: {error}>"


def template_fault(text: str, alert: str) -> str:
    """What is wrong with the text of an alert's label or annotation, or nothing."""
    try:
        check_alert(text, name=alert)
    except TemplateError as error:
        return str(error)
    return ""
