"""``match[]`` parameters: selectors that choose series."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from vedette.metrics.api.params import bad_data, invalid
from vedette.metrics.promql.errors import ParseError
from vedette.metrics.promql.syntax.parser import parse_series_selector
from vedette.model.labels import Matcher

MatcherSets = tuple[tuple[Matcher, ...], ...]


@lru_cache(maxsize=1024)
def _matchers(text: str) -> tuple[Matcher, ...]:
    return tuple(parse_series_selector(text).matchers)


def parse_matchers(texts: Sequence[str], *, name: str = "match[]") -> MatcherSets:
    """One set a selector, of the parameter `name`. Raises `ApiError`."""
    try:
        return tuple(_matchers(text) for text in texts)
    except ParseError as error:
        raise invalid(name, error) from None


def require_matchers(texts: Sequence[str]) -> MatcherSets:
    if not texts:
        raise bad_data("no match[] parameter provided")
    return parse_matchers(texts)
