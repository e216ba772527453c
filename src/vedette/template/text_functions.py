"""What Prometheus's and Alertmanager's function sets share: case, regular expressions, human numbers."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import re2

from vedette.model.labels import go_reason
from vedette.model.values import parse_go_float
from vedette.template.errors import FunctionError
from vedette.template.gofmt import sprintf
from vedette.template.gotime import Duration
from vedette.template.values import SafeHTML, type_name


def to_upper(text: str) -> str:
    return text.upper()


def to_lower(text: str) -> str:
    return text.lower()


def title(text: str) -> str:
    """The first letter of every word in upper case, the others left alone."""
    out: list[str] = []
    between = True
    for ch in text:
        out.append(ch.upper() if between and ch.islower() and len(ch.upper()) == 1 else ch)
        between = not (ch.isalnum() or ch == "_") if ch.isascii() else ch.isspace()
    return "".join(out)


def safe_html(text: str) -> SafeHTML:
    return SafeHTML(text)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "invalid"
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
        raise FunctionError(go_reason(reason, pattern)) from None


def match(pattern: str, text: str) -> bool:
    """Whether `pattern` occurs anywhere in `text`."""
    return _compiled(pattern).search(text) is not None


def re_replace_all(pattern: str, replacement: str, text: str) -> str:
    """Every match replaced; ``$1``, ``${1}`` and ``$name`` stand for what groups matched."""
    pieces = _pieces(replacement)

    def expand(found: Any) -> str:
        return "".join(piece if literal else _group(found, piece) for literal, piece in pieces)

    replaced: str = _compiled(pattern).sub(expand, text)
    return replaced


@lru_cache(maxsize=512)
def _pieces(replacement: str) -> tuple[tuple[bool, str], ...]:
    """A replacement as (is literal, text or group name)."""
    out: list[tuple[bool, str]] = []
    rest = replacement
    while rest:
        before, dollar, rest = rest.partition("$")
        out.append((True, before))
        if not dollar:
            break
        if rest.startswith("$"):
            out.append((True, "$"))
            rest = rest[1:]
            continue
        if rest.startswith("{"):
            name, closed, after = rest[1:].partition("}")
        else:
            size = 0
            while size < len(rest) and (rest[size].isalnum() or rest[size] == "_"):
                size += 1
            name, closed, after = rest[:size], "}", rest[size:]
        if closed and name and all(ch.isalnum() or ch == "_" for ch in name):
            out.append((False, name))
            rest = after
        else:
            out.append((True, "$"))
    return tuple(out)


def _group(found: Any, name: str) -> str:
    try:
        value: str | None = found.group(int(name) if name.isdigit() else name)
    except (IndexError, KeyError, re2.error):
        return ""
    return value or ""


def to_float(value: object) -> float:
    """A number, or text that is one."""
    if isinstance(value, Duration):
        return value.seconds()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            return parse_go_float(value)
        except ValueError:
            raise FunctionError(f'strconv.ParseFloat: parsing "{value}": invalid syntax') from None
    raise FunctionError(f"can't convert {type_name(value)} to float")


def four_digits(value: float) -> str:
    return sprintf("%.4g", (value,))


_SMALL = ("m", "u", "n", "p", "f", "a", "z", "y")


def scaled(value: float, prefixes: tuple[str, ...], base: int) -> tuple[float, str]:
    prefix = ""
    for candidate in prefixes:
        if abs(value) < base:
            break
        prefix = candidate
        value /= base
    return value, prefix


def scaled_up(value: float) -> tuple[float, str]:
    prefix = ""
    for candidate in _SMALL:
        if abs(value) >= 1:
            break
        prefix = candidate
        value *= 1000
    return value, prefix


def humanize_duration(value: Any) -> str:
    """Seconds as ``1d 2h 3m 4s``, ``3m 4s``, ``4.5s``, ``45ms``."""
    seconds = to_float(value)
    if math.isnan(seconds) or math.isinf(seconds):
        return four_digits(seconds)
    if seconds == 0:
        return f"{four_digits(seconds)}s"
    if abs(seconds) < 1:
        shown, prefix = scaled_up(seconds)
        return f"{four_digits(shown)}{prefix}s"
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    whole = int(seconds)
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {whole % 60}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {whole % 60}s"
    if minutes:
        return f"{sign}{minutes}m {whole % 60}s"
    return f"{sign}{four_digits(seconds)}s"
