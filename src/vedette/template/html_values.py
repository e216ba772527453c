"""A value turned into text that is harmless where it stands in a page, as html/template does it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from vedette.template.output import printed
from vedette.template.values import ABSENT, SafeHTML, SafeURL, Struct

UNSAFE = "ZgotmplZ"  # what takes the place of a value that could carry code

_HTML = str.maketrans(
    {
        "\0": "\ufffd",
        '"': "&#34;",
        "&": "&amp;",
        "'": "&#39;",
        "+": "&#43;",
        "<": "&lt;",
        ">": "&gt;",
    }
)
_HTML_NORMAL = {key: value for key, value in _HTML.items() if key != ord("&")}
_NO_SPACE = {
    **_HTML,
    ord("\t"): "&#9;",
    ord("\n"): "&#10;",
    ord("\v"): "&#11;",
    ord("\f"): "&#12;",
    ord("\r"): "&#13;",
    ord(" "): "&#32;",
    ord("="): "&#61;",
    ord("`"): "&#96;",
    0: "&#xfffd;",
}


def text(value: object) -> str:
    """Between tags."""
    return str(value) if isinstance(value, SafeHTML) else _plain(value).translate(_HTML)


def rcdata(value: object) -> str:
    """Inside ``<title>`` and ``<textarea>``."""
    return value.translate(_HTML_NORMAL) if isinstance(value, SafeHTML) else _plain(value).translate(_HTML)


def quoted_attribute(value: object) -> str:
    if isinstance(value, SafeHTML):
        return _strip_tags(value).translate(_HTML_NORMAL)
    return _plain(value).translate(_HTML)


def bare_attribute(value: object) -> str:
    """An attribute without quotes: nothing that could end it survives."""
    shown = _strip_tags(value) if isinstance(value, SafeHTML) else _plain(value)
    return shown.translate(_NO_SPACE) or UNSAFE


def _plain(value: object) -> str:
    return "" if value is ABSENT or value is None else printed(value)


_TAG = re.compile(r"<[^>]*>")


def _strip_tags(markup: str) -> str:
    return _TAG.sub("", markup)


_SCHEME = re.compile(r"([^:/?#]*):")


def url_start(value: object) -> str:
    """The beginning of a URL: only schemes that run no code."""
    shown = _plain(value)
    if not isinstance(value, SafeURL):
        scheme = _SCHEME.match(shown)
        if scheme is not None and scheme[1].lower() not in ("http", "https", "mailto"):
            return f"#{UNSAFE}"
    return url_part(shown)


_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_URL_KEEP = _UNRESERVED | frozenset("!#$&*+,/:;=?@[]")
_ESCAPED = re.compile(r"%[0-9a-fA-F]{2}")


def _percent(ch: str) -> str:
    return "".join(f"%{byte:02x}" for byte in ch.encode("utf-8", "replace"))


def url_part(value: object) -> str:
    """Further along in a URL, before the ``?``: what is escaped already stays."""
    shown = _plain(value)
    return "".join(
        ch if ch in _URL_KEEP or (ch == "%" and _ESCAPED.match(shown, at)) else _percent(ch)
        for at, ch in enumerate(shown)
    )


def url_query(value: object) -> str:
    """After the ``?``: one value, everything escaped."""
    if isinstance(value, SafeURL):
        return url_part(value)
    return "".join(ch if ch in _UNRESERVED else _percent(ch) for ch in _plain(value))


_JSON_UNSAFE = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


def js_value(value: object) -> str:
    """A JavaScript value."""
    try:
        shown = json.dumps(_jsonable(value), ensure_ascii=False, separators=(",", ":")).translate(
            _JSON_UNSAFE
        )
    except (TypeError, ValueError):
        return " null "
    # A name or number must not run into the code beside it.
    return f" {shown} " if shown[0].isalnum() or shown[0] == "-" else shown


def _jsonable(value: object) -> Any:
    if value is ABSENT:
        return None
    if isinstance(value, Struct):
        return {name: _jsonable(getattr(value, attribute)) for name, attribute in value.go_fields.items()}
    if isinstance(value, Mapping):
        return {str(key): _jsonable(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, float) and value.is_integer() and math.isfinite(value):
        return int(value)
    return value


_JS_STRING = {
    "\0": "\\u0000",
    "\t": "\\t",
    "\n": "\\n",
    "\v": "\\u000b",
    "\f": "\\f",
    "\r": "\\r",
    '"': "\\u0022",
    "`": "\\u0060",
    "&": "\\u0026",
    "'": "\\u0027",
    "+": "\\u002b",
    "/": "\\/",
    "<": "\\u003c",
    ">": "\\u003e",
    "\\": "\\\\",
    "$": "\\u0024",
    "{": "\\u007b",
    "}": "\\u007d",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_JS_TABLE = str.maketrans(_JS_STRING)


def js_string(value: object) -> str:
    """Inside the quotes of a JavaScript string."""
    return _plain(value).translate(_JS_TABLE)


_CSS_SAFE = re.compile(r"[-_a-zA-Z0-9#%., !\u00a0-\U0010ffff]*\Z")


def css_value(value: object) -> str:
    """A value in a style sheet or a style attribute."""
    shown = _plain(value)
    low = shown.lower()
    if not _CSS_SAFE.match(shown) or "expression" in low or "mozbinding" in low or "--" in low:
        return UNSAFE
    return shown
