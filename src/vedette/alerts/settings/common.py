"""What every part of alertmanager.yml is made of."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, PlainSerializer, model_validator

from vedette.alerts.matchers import MatcherError, parse_matchers, show_matcher
from vedette.config.model import Secret, Strict
from vedette.model.labels import Matcher, RegexError
from vedette.model.time import DurationError, format_duration, parse_duration


class Part(Strict):
    """A mapping of the file. A key without a value counts as left out, as it does for Go."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty(cls, read: Any) -> Any:
        if isinstance(read, dict):
            return {key: value for key, value in read.items() if value is not None}
        return read


def _read_duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_duration(value)
    except DurationError as error:
        raise ValueError(f"{error}; write a number with a unit, such as 5m") from None


# Milliseconds; printed back as it is written.
Duration = Annotated[int, BeforeValidator(_read_duration), PlainSerializer(format_duration)]


def _read_matchers(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    made: list[Matcher] = []
    for item in value:
        if isinstance(item, Matcher):
            made.append(item)
            continue
        try:
            made += parse_matchers(str(item))
        except (MatcherError, RegexError) as error:
            raise ValueError(f'{error}; write matchers such as severity="critical"') from None
    return made


Matchers = Annotated[
    list[Matcher],
    BeforeValidator(_read_matchers),
    PlainSerializer(lambda found: [show_matcher(m) for m in found]),
]


def check_url(text: str) -> str:
    """An http(s) address, or a template of one. Raises `ValueError`."""
    if "{{" in text:
        return text
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f'unsupported scheme "{parts.scheme}" for URL; write http:// or https://')
    if not parts.netloc:
        raise ValueError("missing host for URL; write https://host/path")
    return text


def _read_url(value: Any) -> Any:
    return check_url(value) if isinstance(value, str) else value


def _read_secret_url(value: Any) -> Any:
    if isinstance(value, Secret):
        return value
    return check_url(value) if isinstance(value, str) and value != "<secret>" else value


Url = Annotated[str, BeforeValidator(_read_url)]
SecretUrl = Annotated[Secret, BeforeValidator(_read_secret_url)]
NO_SECRET = Secret("")


def _conceal(url: str) -> str:
    """A webhook's address without the path, which often is the password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/<secret>"


# An address whose host may be shown.
HookUrl = Annotated[str, BeforeValidator(_read_url), PlainSerializer(_conceal)]


def at_most_one(**given: object) -> None:
    """Refuses two ways of saying the same thing. Raises `ValueError`."""
    if sum(bool(value) for value in given.values()) > 1:
        raise ValueError(f"at most one of {' & '.join(given)} must be configured; remove one")
