"""What one scrape has asked a server, as it answered; and INFO taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reply:
    """Raw answers. None: not asked, or refused by a server that lacks the command or the right to it."""

    info: dict[str, str] = field(default_factory=dict)
    config: dict[str, str] | None = None
    latency_latest: Sequence[Any] | None = None
    latency_histogram: Sequence[Any] | None = None
    slowlog_length: int | None = None
    slowlog_last: Sequence[Any] | None = None
    cluster: dict[str, str] = field(default_factory=dict)
    commandlog: dict[str, int] = field(default_factory=dict)


def parse_info(text: str) -> dict[str, str]:
    """Lines ``field:value`` of INFO or CLUSTER INFO; sections and empty lines left out."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, separator, value = line.partition(":")
        if separator and not line.startswith("#"):
            fields[name] = value.strip()
    return fields


def parse_pairs(text: str) -> dict[str, str]:
    """``calls=40,usec=38`` as a dict."""
    return {key: value for key, _, value in (part.partition("=") for part in text.split(","))}


def to_number(text: str | None) -> float | None:
    """A number, or a state that stands for one (``ok`` 1, ``fail`` 0); None for anything else."""
    if not text:
        return None
    if text.isdecimal():
        return int(text)
    word = WORDS.get(text.lower())
    if word is not None:
        return word
    try:
        return float(text.removesuffix("%"))
    except ValueError:
        return None


WORDS = {"ok": 1, "true": 1, "yes": 1, "up": 1, "err": 0, "fail": 0, "false": 0, "no": 0, "down": 0}
