"""Matchers as people write them in routes, silences, filters and `amtool`.

Two spellings are understood, as in every Alertmanager since 0.27: the UTF-8 one (``"ünïcode label" = "x"``, bare words
may hold anything but white space and ``{}!=~,\\"'``) and the classic one (``severity=critical``, empty right side
allowed). Where both read a text but differently, the classic meaning stays.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vedette.model.labels import Matcher, MatchOp, quote
from vedette.template.literals import LiteralError, unquote


class MatcherError(ValueError):
    """Text that is no matcher. `str()` is the original's sentence."""


_WORD = re.compile(r"[^\s{}!=~,\\\"'`]+")
_OP = re.compile(r"=~|!~|!=|=")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SPACE = re.compile(r"\s*")
_CLASSIC = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(.*?)\s*\Z", re.DOTALL)


def parse_matchers(text: str) -> list[Matcher]:
    """One matcher or several, with or without braces. Raises `MatcherError`, or `RegexError` of a bad expression."""
    return list(_parse_matchers(text))


@lru_cache(maxsize=1024)
def _parse_matchers(text: str) -> tuple[Matcher, ...]:
    classic = _classic_matchers(text)
    modern = _utf8_matchers(text)
    chosen = classic if classic is not None else modern
    if chosen is None:
        raise MatcherError(f"bad matcher format: {text}")
    return tuple(Matcher(name, op, value) for name, op, value in chosen)


def show_matcher(matcher: Matcher) -> str:
    """A matcher as Alertmanager prints it; `parse_matchers` reads it back.

    Only a name that has to be quoted has its value quoted like it; else a value keeps all but quotes, backslashes and
    line ends as they are, because the classic spelling knows no other escapes.
    """
    if _WORD.fullmatch(matcher.name):
        value = matcher.value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return f'{matcher.name}{matcher.op.value}"{value}"'
    return f"{quote(matcher.name)}{matcher.op.value}{quote(matcher.value)}"


_Parts = list[tuple[str, MatchOp, str]]


def _utf8_matchers(text: str) -> _Parts | None:
    body = text.strip()
    if body.startswith("{") != body.endswith("}"):
        return None
    if body.startswith("{"):
        body = body[1:-1]
    at = 0
    made: _Parts = []
    while at < len(body.rstrip()):
        name, at = _token(body, at)
        at = _skip(body, at)
        op = _OP.match(body, at)
        if name is None or op is None:
            return None
        value, at = _token(body, _skip(body, op.end()))
        if value is None:
            return None
        made.append((name, MatchOp(op[0]), value))
        at = _skip(body, at)
        if at == len(body):
            break
        if body[at] != ",":
            return None
        at += 1
    return made


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()


def _token(text: str, at: int) -> tuple[str | None, int]:
    at = _skip(text, at)
    found = _QUOTED.match(text, at)
    if found is not None:
        try:
            return unquote(found[0]), found.end()
        except LiteralError:
            return None, at
    found = _WORD.match(text, at)
    return (found[0], found.end()) if found is not None else (None, at)


def _classic_matchers(text: str) -> _Parts | None:
    body = text.strip()
    body = body.removeprefix("{").removesuffix("}")
    pieces = _split(body)
    if len(pieces) > 1 and not pieces[-1].strip():
        pieces.pop()
    made: _Parts = []
    for piece in pieces:
        found = _CLASSIC.match(piece)
        value = _classic_value(found[3]) if found is not None else None
        if found is None or value is None:
            return None
        made.append((found[1], MatchOp(found[2]), value))
    return made


def _split(text: str) -> list[str]:
    """At commas outside quotes."""
    pieces, start, quoted, escaped = [], 0, False, False
    for at, ch in enumerate(text):
        if escaped:
            escaped = False
        elif ch == "\\":
            escaped = True
        elif ch == '"':
            quoted = not quoted
        elif ch == "," and not quoted:
            pieces.append(text[start:at])
            start = at + 1
    pieces.append(text[start:])
    return pieces


def _classic_value(raw: str) -> str | None:
    """The right side: quoted or bare; a quote inside must be escaped."""
    quoted = raw.startswith('"')
    if quoted:
        raw = raw[1:]
        if not raw.endswith('"') or (len(raw) - len(raw[:-1].rstrip("\\")) - 1) % 2:
            return None
        raw = raw[:-1]
    out: list[str] = []
    escaped = False
    for ch in raw:
        if escaped:
            out.append({"n": "\n", '"': '"', "\\": "\\"}.get(ch, f"\\{ch}"))
            escaped = False
        elif ch == "\\":
            escaped = True
        elif ch == '"':
            return None
        else:
            out.append(ch)
    if escaped:
        out.append("\\")
    return "".join(out)
