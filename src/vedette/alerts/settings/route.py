"""``route`` and ``inhibit_rules``."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from vedette.alerts.settings.common import Duration, Matchers, Part
from vedette.config.model import RegexText
from vedette.model.labels import Matcher, MatchOp, is_label_name, quote


def simple_matchers(equal: dict[str, str], regex: dict[str, str]) -> list[Matcher]:
    """The deprecated ``match`` and ``match_re`` as matchers, in the order of their names."""
    made = [Matcher(name, MatchOp.EQUAL, value) for name, value in equal.items()]
    made += [Matcher(name, MatchOp.REGEX, value) for name, value in regex.items()]
    return made


class RouteSettings(Part):
    receiver: str = ""
    group_by: list[str] | None = None
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    matchers: Matchers = Field(default_factory=list)
    match: dict[str, str] = Field(default_factory=dict)
    match_re: dict[str, RegexText] = Field(default_factory=dict)
    continue_: bool = Field(default=False, alias="continue")
    mute_time_intervals: list[str] = Field(default_factory=list)
    active_time_intervals: list[str] = Field(default_factory=list)
    labels: dict[str, str] = Field(default_factory=dict)
    routes: list[RouteSettings] = Field(default_factory=list)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = self.group_by or []
        for at, name in enumerate(names):
            if not is_label_name(name):
                raise ValueError(f"invalid label name {quote(name)} in group_by list")
            if name in names[:at]:
                raise ValueError(f"duplicated label {quote(name)} in group_by; keep one")
        if "..." in names and len(names) > 1:
            raise ValueError(
                "cannot have wildcard group_by (`...`) and other labels at the same time; keep ['...'] alone"
            )
        if self.group_interval == 0:
            raise ValueError("group_interval cannot be zero; write a time such as 5m")
        if self.repeat_interval == 0:
            raise ValueError("repeat_interval cannot be zero; write a time such as 4h")
        for name in (*self.match, *self.match_re):
            if not is_label_name(name):
                raise ValueError(f"invalid label name {quote(name)} in match")
        return self

    def all_matchers(self) -> list[Matcher]:
        return [*simple_matchers(self.match, self.match_re), *self.matchers]


class InhibitSettings(Part):
    name: str = ""
    source_match: dict[str, str] = Field(default_factory=dict)
    source_match_re: dict[str, RegexText] = Field(default_factory=dict)
    source_matchers: Matchers = Field(default_factory=list)
    target_match: dict[str, str] = Field(default_factory=dict)
    target_match_re: dict[str, RegexText] = Field(default_factory=dict)
    target_matchers: Matchers = Field(default_factory=list)
    equal: list[str] = Field(default_factory=list)

    def source(self) -> list[Matcher]:
        return [*simple_matchers(self.source_match, self.source_match_re), *self.source_matchers]

    def target(self) -> list[Matcher]:
        return [*simple_matchers(self.target_match, self.target_match_re), *self.target_matchers]
