"""``match[]`` parameters: selectors that choose series."""

from __future__ import annotations

from collections.abc import Sequence

from vedette.metrics.api.params import bad_data, invalid
from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.parser import parse_series_selector
from vedette.model.labels import Matcher

MatcherSets = Sequence[Sequence[Matcher]]


def parse_matchers(texts: Sequence[str], *, name: str = "match[]") -> MatcherSets:
    """One set a selector, of the parameter `name`. Raises `ApiError`."""
    sets = []
    for text in texts:
        try:
            sets.append(parse_series_selector(text).matchers)
        except ParseError as error:
            raise invalid(name, error) from None
    return sets


def require_matchers(texts: Sequence[str]) -> MatcherSets:
    if not texts:
        raise bad_data("no match[] parameter provided")
    return parse_matchers(texts)
