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


def parse_matchers(texts: Sequence[str], *, name: str = "") -> MatcherSets:
    """One set a selector. A refusal names the parameter if `name` does, as the original's does not everywhere.

    Raises `ApiError`.
    """
    sets = []
    for text in texts:
        try:
            sets.append(_matchers(text))
        except ParseError as error:
            raise invalid(name, error) if name else bad_data(str(error)) from None
    return tuple(sets)


def choosing_matchers(texts: Sequence[str], *, name: str = "") -> MatcherSets:
    """As `parse_matchers`, and refuses what chooses nothing: a set that an empty label set would pass."""
    sets = parse_matchers(texts, name=name)
    if any(all(matcher.matches("") for matcher in matchers) for matchers in sets):
        message = "match[] must contain at least one non-empty matcher"
        raise invalid(name, message) if name else bad_data(message)
    return sets


def require_texts(texts: Sequence[str]) -> Sequence[str]:
    """Raises `ApiError` if there is none."""
    if not texts:
        raise bad_data("no match[] parameter provided")
    return texts
