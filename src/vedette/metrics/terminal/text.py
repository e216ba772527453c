"""Text in a terminal: how wide it is, how to cut it, and what must not reach the terminal as it is."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

# Control characters would move the cursor or change colours: label values come from anywhere.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """`text` with control characters written as escapes."""
    return _CONTROL.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if char in "\n\t\r":
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}[char]
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def width(text: str) -> int:
    """Columns that `text` takes: wide characters take two."""
    return cell_len(text)


def fit(text: str, columns: int) -> str:
    """`text`, cut with an ellipsis when it is wider than `columns`."""
    if width(text) <= columns:
        return text
    return set_cell_size(text, max(0, columns - 1)) + "…" if columns > 0 else ""


def left(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    return " " * (columns - width(text)) + text
