"""The functions of Alertmanager's notification templates."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import orjson

from vedette.model.golayout import load_zone, parse_time
from vedette.model.time import format_rfc3339
from vedette.template import text_functions as text
from vedette.template.errors import FunctionError
from vedette.template.gofmt import show
from vedette.template.gotime import ZERO_TIME_NS, Duration, Time
from vedette.template.values import SafeURL, StringList, Struct

_WORD = re.compile(r"\w+(?:['’.:]\w+)*")


def title(written: str) -> str:
    """Every word with its first letter in upper case and the others in lower case."""
    return _WORD.sub(lambda found: _titled(found[0]), written)


def _titled(word: str) -> str:
    first = next((at for at, ch in enumerate(word) if ch.isalpha()), 0)
    return word[:first] + word[first : first + 1].upper() + word[first + 1 :].lower()


def trim_space(written: str) -> str:
    return written.strip()


def join(separator: str, items: list[str]) -> str:
    return separator.join(items)


def string_slice(*items: str) -> StringList:
    return StringList(items)


def list_(*items: Any) -> list[Any]:
    return list(items)


def append(items: list, value: Any) -> list:  # type: ignore[type-arg]
    return [*items, value]


def dict_(*pairs: Any) -> dict[str, Any]:
    """``dict "key" value "key" value``"""
    if len(pairs) % 2:
        raise FunctionError("dict requires even number of arguments")
    keys = pairs[::2]
    if not all(isinstance(key, str) for key in keys):
        raise FunctionError("dict keys must be strings")
    return dict(zip(keys, pairs[1::2], strict=True))


def safe_url(written: str) -> SafeURL:
    return SafeURL(written)


def url_unescape(written: str) -> str:
    return unquote_plus(written, errors="strict")


def tz(name: str, moment: Time) -> Time:
    try:
        return moment.in_zone(load_zone(name))
    except ValueError as error:
        raise FunctionError(str(error)) from None


def date(layout: str, moment: Time) -> str:
    return moment.format(layout)


def must_to_date(layout: str, written: str) -> Time:
    try:
        return Time(parse_time(layout, written))
    except ValueError as error:
        raise FunctionError(str(error)) from None


def to_date(layout: str, written: str) -> Time:
    """As `must_to_date`, but what cannot be read is the zero time."""
    try:
        return Time(parse_time(layout, written))
    except ValueError:
        return Time(ZERO_TIME_NS)


def to_json(value: Any) -> str:
    try:
        written = orjson.dumps(_plain(value), option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, ValueError) as error:
        raise FunctionError(f"json: {error}") from None
    for raw, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        written = written.replace(raw, escaped)
    return written.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _plain(value: Any) -> Any:
    if isinstance(value, Time):
        return format_rfc3339(value.ns)
    if isinstance(value, Struct):
        return {
            value.json_names.get(name, name): _plain(getattr(value, held))
            for name, held in value.go_fields.items()
        }
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    return int(value) if isinstance(value, int) else show(value)


def base64_encode(written: str) -> str:
    return base64.urlsafe_b64encode(written.encode("utf-8", "replace")).decode()


def base64_decode(written: str) -> str:
    try:
        return base64.b64decode(written, altchars=b"-_", validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise FunctionError(f"illegal base64 data: {written}") from None


def functions(*, now: Callable[[], int] = time.time_ns) -> dict[str, Callable[..., Any]]:
    """The whole set; `now` gives nanoseconds since the epoch."""

    def now_() -> Time:
        return Time(now())

    def since(moment: Time) -> Duration:
        return Duration(now() - moment.ns)

    return {
        "append": append,
        "base64decode": base64_decode,
        "base64encode": base64_encode,
        "date": date,
        "dict": dict_,
        "humanizeDuration": text.humanize_duration,
        "join": join,
        "list": list_,
        "match": text.match,
        "mustToDate": must_to_date,
        "now": now_,
        "reReplaceAll": text.re_replace_all,
        "safeHtml": text.safe_html,
        "safeUrl": safe_url,
        "since": since,
        "stringSlice": string_slice,
        "title": title,
        "toDate": to_date,
        "toJson": to_json,
        "toLower": text.to_lower,
        "toUpper": text.to_upper,
        "trimSpace": trim_space,
        "tz": tz,
        "urlUnescape": url_unescape,
    }
