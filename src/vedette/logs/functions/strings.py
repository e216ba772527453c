"""Text functions of `line_format` templates. Arguments and defaults are the original's (Go's strings and sprig)."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import re2

from vedette.template.errors import FunctionError
from vedette.template.gofmt import show
from vedette.template.text_functions import re_replace_all

# No template of a log line has a use for more, and one that asks for it must not take the server's memory.
_MAX_TEXT = 1 << 20


def replace_n(text: str, old: str, new: str, count: int) -> str:
    return text.replace(old, new, count)


def replace(old: str, new: str, text: str) -> str:
    return text.replace(old, new)


def trim_cutset(text: str, cutset: str) -> str:
    return text.strip(cutset) if cutset else text


def trim_left(text: str, cutset: str) -> str:
    return text.lstrip(cutset) if cutset else text


def trim_right(text: str, cutset: str) -> str:
    return text.rstrip(cutset) if cutset else text


def trim_prefix_of(text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def trim_suffix_of(text: str, suffix: str) -> str:
    return text.removesuffix(suffix)


def trim_space(text: str) -> str:
    return text.strip(" \t\n\v\f\r\x85\xa0")


def trim_all(cutset: str, text: str) -> str:
    return trim_cutset(text, cutset)


def trim_prefix(prefix: str, text: str) -> str:
    return text.removeprefix(prefix)


def trim_suffix(suffix: str, text: str) -> str:
    return text.removesuffix(suffix)


def trunc(count: int, text: str) -> str:
    """The first `count` bytes, or the last ones for a negative count."""
    data = text.encode()
    if count < 0:
        return data[count:].decode("utf-8", "replace") if len(data) + count > 0 else text
    return data[:count].decode("utf-8", "replace")


def substr(start: int, end: int, text: str) -> str:
    data = text.encode()
    if start < 0:
        return data[: max(end, 0)].decode("utf-8", "replace")
    if end < 0 or end > len(data):
        return data[start:].decode("utf-8", "replace")
    return data[start:end].decode("utf-8", "replace")


def contains(part: str, text: str) -> bool:
    return part in text


def has_prefix(prefix: str, text: str) -> bool:
    return text.startswith(prefix)


def has_suffix(suffix: str, text: str) -> bool:
    return text.endswith(suffix)


def indent(spaces: int, text: str) -> str:
    pad = " " * _bounded(spaces)
    return pad + text.replace("\n", "\n" + pad)


def nindent(spaces: int, text: str) -> str:
    return "\n" + indent(spaces, text)


def repeat(count: int, text: str) -> str:
    if count < 0:
        raise FunctionError("strings: negative Repeat count")
    _bounded(count * len(text))
    return text * count


def align_left(width: int, text: str) -> str:
    """Cut or padded on the right to `width` characters."""
    return text[: max(width, 0)].ljust(_bounded(width))


def align_right(width: int, text: str) -> str:
    """Cut or padded on the left to `width` characters."""
    return text[max(len(text) - width, 0) :].rjust(_bounded(width))


def _bounded(size: int) -> int:
    if size > _MAX_TEXT:
        raise FunctionError(f"the text would be longer than {_MAX_TEXT} bytes")
    return size


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "invalid"
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
        raise FunctionError(f"error parsing regexp: {text}: `{pattern}`") from None


def regex_replace_all(pattern: str, text: str, replacement: str) -> str:
    return re_replace_all(pattern, replacement, text)


def regex_replace_all_literal(pattern: str, text: str, replacement: str) -> str:
    return str(_compiled(pattern).sub(lambda _: replacement, text))


def count(pattern: str, text: str) -> int:
    return sum(1 for _ in _compiled(pattern).finditer(text))


def url_encode(text: str) -> str:
    return quote_plus(text)


def url_decode(text: str) -> str:
    for at, ch in enumerate(text):
        if ch == "%" and not all(c in "0123456789abcdefABCDEF" for c in text[at + 1 : at + 3].ljust(2, "?")):
            raise FunctionError(f'invalid URL escape "{text[at : at + 3]}"')
    return unquote_plus(text)


def b64enc(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def b64dec(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise FunctionError("illegal base64 data") from None


def default(fallback: Any, *values: Any) -> Any:
    """The value, or `fallback` for one that is empty."""
    return (
        values[0]
        if values and values[0] not in (None, "", 0, False) and show(values[0]) != "<no value>"
        else fallback
    )
