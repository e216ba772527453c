"""Output that knows where in an HTML page it is, and escapes each value for that place.

The author's text is followed with a small machine (between tags, in a tag, in an attribute, in a script, in a style,
in a comment); comments are dropped. The text between two actions is all that is ever read, so a page costs one pass.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable

from vedette.template import html_values as escape
from vedette.template.nodes import Pipe
from vedette.template.output import printed


class Place(enum.Enum):
    TEXT = enum.auto()
    COMMENT = enum.auto()
    TAG = enum.auto()  # inside a tag, outside any attribute value
    VALUE = enum.auto()  # inside an attribute value
    RAW = enum.auto()  # inside script, style, textarea or title


class Kind(enum.Enum):
    """What an attribute's value or a raw element holds."""

    PLAIN = enum.auto()
    URL = enum.auto()
    JS = enum.auto()
    CSS = enum.auto()


_URL_ATTRIBUTES = frozenset(
    [
        "action",
        "archive",
        "background",
        "cite",
        "classid",
        "codebase",
        "data",
        "formaction",
        "href",
        "icon",
        "longdesc",
        "manifest",
        "ping",
        "poster",
        "profile",
        "src",
        "usemap",
        "xlink:href",
        "xmlns",
    ]
)
_RAW_ELEMENTS = {"script": Kind.JS, "style": Kind.CSS, "textarea": Kind.PLAIN, "title": Kind.PLAIN}
_TAG_START = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_ATTRIBUTE = re.compile(r"\s*([^\s=>\"'/]+)(\s*=\s*)?")
_BARE_END = re.compile(r"[\s>]")
_QUOTES = "\"'`"


class HtmlOutput:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.place = Place.TEXT
        self.kind = Kind.PLAIN
        self.element = ""
        self.quote = ""  # the quote that ends the attribute value, "" for a bare one
        self.seen = ""  # the attribute's value, or the script, so far
        self.pending_value = False  # an "=" was the last thing seen

    def finish(self) -> str:
        return "".join(self.parts)

    # Values.

    def value(self, value: object, pipe: Pipe) -> None:
        if self.place is Place.COMMENT:
            return
        if self.place is Place.TAG:
            if not self.pending_value:
                self.parts.append(self._attribute_name(value))
                return
            self.pending_value, self.quote, self.place = False, "", Place.VALUE
        if self.place is Place.TEXT:
            # `{{ x | html }}` has done the work already.
            self.parts.append(printed(value) if _ends_with(pipe, "html") else escape.text(value))
        elif self.place is Place.RAW:
            self.parts.append(self._typed(value) if self.kind is not Kind.PLAIN else escape.rcdata(value))
        else:
            if self.kind is Kind.URL and _ends_with(pipe, "urlquery"):
                shown: object = escape.url_part(value)
            else:
                shown = value if self.kind is Kind.PLAIN else self._typed(value)
            self.parts.append(escape.quoted_attribute(shown) if self.quote else escape.bare_attribute(shown))
            self.seen += printed(value)

    def _attribute_name(self, value: object) -> str:
        name = printed(value)
        safe = re.fullmatch(r"[a-zA-Z][a-zA-Z0-9-]*", name) and not name.lower().startswith("on")
        return name if safe and name.lower() not in ("style", "srcset", *_URL_ATTRIBUTES) else escape.UNSAFE

    def _typed(self, value: object) -> str:
        escaper: Callable[[object], str]
        if self.kind is Kind.URL:
            if not self.seen:
                escaper = escape.url_start
            else:
                escaper = escape.url_query if "?" in self.seen or "#" in self.seen else escape.url_part
        elif self.kind is Kind.CSS:
            escaper = escape.css_value
        else:
            escaper = escape.js_string if _in_js_string(self.seen) else escape.js_value
        return escaper(value)

    # The author's text.

    def text(self, text: str) -> None:
        at = 0
        while at < len(text):
            match self.place:
                case Place.TEXT:
                    at = self._between_tags(text, at)
                case Place.COMMENT:
                    end = text.find("-->", at)
                    at = len(text) if end < 0 else end + 3
                    self.place = Place.COMMENT if end < 0 else Place.TEXT
                case Place.TAG:
                    at = self._in_tag(text, at)
                case Place.VALUE:
                    at = self._in_value(text, at)
                case Place.RAW:
                    at = self._in_raw(text, at)

    def _between_tags(self, text: str, at: int) -> int:
        start = text.find("<", at)
        if start < 0:
            self.parts.append(text[at:])
            return len(text)
        self.parts.append(text[at:start])
        if text.startswith("<!--", start):
            self.place = Place.COMMENT
            return start + 4
        tag = _TAG_START.match(text, start)
        if tag is None:
            doctype = text[start : start + 9].lower() == "<!doctype"
            self.parts.append("<" if doctype else "&lt;")
            return start + 1
        self.parts.append(tag[0])
        self.place, self.pending_value = Place.TAG, False
        self.element = "" if tag[1] else tag[2].lower()
        return tag.end()

    def _in_tag(self, text: str, at: int) -> int:
        if self.pending_value:
            return self._value_start(text, at)
        if text[at] == ">":
            self.parts.append(">")
            self.place = Place.TEXT
            if self.element in _RAW_ELEMENTS:
                self.place, self.kind, self.seen = Place.RAW, _RAW_ELEMENTS[self.element], ""
            return at + 1
        attribute = _ATTRIBUTE.match(text, at)
        if attribute is None:
            self.parts.append(text[at])
            return at + 1
        self.parts.append(attribute[0])
        if attribute[2] is not None:
            self.pending_value, self.kind = True, _kind_of(attribute[1].lower())
        return attribute.end()

    def _value_start(self, text: str, at: int) -> int:
        ch = text[at]
        if ch.isspace():
            self.parts.append(ch)
            return at + 1
        self.pending_value, self.seen = False, ""
        if ch == ">":
            return at
        self.place = Place.VALUE
        self.quote = ch if ch in "\"'" else ""
        if self.quote:
            self.parts.append(ch)
            return at + 1
        return at

    def _in_value(self, text: str, at: int) -> int:
        if self.quote:
            end = text.find(self.quote, at)
        else:
            found = _BARE_END.search(text, at)
            end = found.start() if found else -1
        stop = len(text) if end < 0 else end
        self.parts.append(text[at:stop])
        self.seen += text[at:stop]
        if end < 0:
            return stop
        self.place, self.seen = Place.TAG, ""
        if self.quote:
            self.parts.append(self.quote)
            stop += 1
        return stop

    def _in_raw(self, text: str, at: int) -> int:
        end = text.lower().find(f"</{self.element}", at)
        stop = len(text) if end < 0 else end
        self.parts.append(text[at:stop])
        self.seen += text[at:stop]
        if end >= 0:
            self.place = Place.TEXT
        return stop


def _ends_with(pipe: Pipe, function: str) -> bool:
    """Whether the author escaped the value with `function` as the last step."""
    return bool(pipe.commands) and str(pipe.commands[-1].args[0]) == function


def _kind_of(attribute: str) -> Kind:
    if attribute.startswith("data-"):
        attribute = attribute.removeprefix("data-")
    if attribute.startswith("on"):
        return Kind.JS
    if attribute == "style":
        return Kind.CSS
    if attribute in _URL_ATTRIBUTES or "src" in attribute or "uri" in attribute or "url" in attribute:
        return Kind.URL
    return Kind.PLAIN


def _in_js_string(script: str) -> bool:
    """Whether the script so far ends inside a quoted string."""
    quote = ""
    at = 0
    while at < len(script):
        ch = script[at]
        if quote:
            if ch == "\\":
                at += 1
            elif ch == quote:
                quote = ""
        elif ch in _QUOTES:
            quote = ch
        elif ch == "/" and script[at + 1 : at + 2] == "/":
            at = script.find("\n", at)
            if at < 0:
                return False
        at += 1
    return bool(quote)
