"""A rule file as it is written: groups of recording and alerting rules. Faults beyond shape are found by `check`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from vedette.config.model import Duration, Strict


def _empty_texts(value: Any) -> Any:
    # `severity:` with nothing behind it is an empty text, as in Go.
    return {k: "" if v is None else v for k, v in value.items()} if isinstance(value, dict) else value


Texts = Annotated[dict[str, str], BeforeValidator(_empty_texts)]


class Part(Strict):
    @model_validator(mode="before")
    @classmethod
    def _nothing_is_the_default(cls, data: Any) -> Any:
        return {k: v for k, v in data.items() if v is not None} if isinstance(data, dict) else data


class Rule(Part):
    """One rule. Exactly one of `record` and `alert` is set in a rule that passed `check_rules`."""

    record: str = ""
    alert: str = ""
    expr: str = ""
    for_: Duration = Field(default=0, alias="for")
    keep_firing_for: Duration = 0
    labels: Texts = Field(default_factory=dict)
    annotations: Texts = Field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.record or self.alert


class RuleGroup(Part):
    """Rules that are evaluated one after the other at one interval. `None` means the value of `global`."""

    name: str = ""
    interval: Duration | None = None
    query_offset: Duration | None = None
    limit: int = 0
    labels: Texts = Field(default_factory=dict)
    rules: list[Rule] = Field(default_factory=list)


class RuleFile(Part):
    groups: list[RuleGroup] = Field(default_factory=list)
