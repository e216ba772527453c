"""Escapers for text that goes into HTML, JavaScript and URLs, character for character Go's."""

from __future__ import annotations

from urllib.parse import quote_plus

_HTML = str.maketrans({"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JS = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "<": "\\u003C",
    ">": "\\u003E",
    "&": "\\u0026",
    "=": "\\u003D",
}


def html(text: str) -> str:
    """For text between tags and inside quoted attributes."""
    return text.translate(_HTML)


def js(text: str) -> str:
    """For the inside of a quoted JavaScript string."""
    return "".join(_JS.get(ch) or _js_rune(ch) for ch in text)


def _js_rune(ch: str) -> str:
    code = ord(ch)
    if code < 32 or code == 127 or not (ch.isprintable() or ch == "\u00a0"):
        return f"\\u{code:04X}" if code <= 0xFFFF else ch
    return ch


def url_query(text: str) -> str:
    """For one value of a URL's query."""
    return quote_plus(text, safe="", errors="replace").replace("%7E", "~")
