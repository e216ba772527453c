"""Which alerts and silences a request asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request

from vedette.alerts.api.answers import Refusal
from vedette.alerts.matchers import MatcherError, parse_matchers
from vedette.model.labels import Matcher, RegexError, compile_regex


def read_matchers(request: Request, name: str = "filter") -> list[Matcher]:
    """Every matcher of a repeatable parameter. Raises `Refusal`."""
    made: list[Matcher] = []
    for text in request.query_params.getlist(name):
        try:
            made += parse_matchers(text)
        except (MatcherError, RegexError) as error:
            raise Refusal(400, str(error)) from None
    return made


def read_receiver(request: Request) -> Callable[[str], bool]:
    """Whether a receiver's name is asked for. Raises `Refusal`."""
    pattern = request.query_params.get("receiver")
    if not pattern:
        return lambda name: True
    try:
        regex = compile_regex(pattern)
    except RegexError as error:
        raise Refusal(400, f"failed to parse receiver param: {error}") from None
    return lambda name: regex.match(name) is not None


def keeps(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether `labels` pass; a matcher against nothing asks whether the label is there at all."""
    for matcher in matchers:
        present = matcher.name in labels
        if matcher.value == "" and present == matcher.op.negative:
            continue
        if not matcher.matches(labels.get(matcher.name, "")):
            return False
    return True
