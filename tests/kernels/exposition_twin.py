"""The exposition grammars once more, in regular expressions: what the kernel is compared with."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from vedette.kernels.exposition import NO_TIME, OPENMETRICS

WS = rb"[ \t]*"
METRIC = rb"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = rb"[a-zA-Z_][a-zA-Z0-9_]*"
QUOTED = rb'"(?:\\[^\n]|[^\\"])*"'
QUOTED_1 = rb'"(?:\\[^\n]|[^\\"\n])*"'
NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
SPECIAL = re.compile(rb"(?:[+-]?inf(?:inity)?|nan)\Z", re.IGNORECASE)


def braces(ws: bytes, name: bytes, value: bytes) -> bytes:
    item = rb"(?:(?:%s|%s)%s=%s%s|%s)" % (name, LABEL, ws, ws, value, name)
    return rb"\{(?:%s%s%s,)*%s(?:%s%s)?\}" % (ws, item, ws, ws, item, ws)


# In the text format a comma may be missing behind a value; behind a quoted metric name it may not.
PAIR = rb"(?:%s|%s)%s=%s%s" % (QUOTED, LABEL, WS, WS, QUOTED)
TEXT_LABELS = rb"\{(?:%s(?:%s%s,?|%s%s,))*%s(?:%s%s)?\}" % (WS, PAIR, WS, QUOTED, WS, WS, QUOTED, WS)
TEXT_KEY = re.compile(rb"(?:(%s)(?:%s(%s))?|(%s))" % (METRIC, WS, TEXT_LABELS, TEXT_LABELS))
TEXT_REST = re.compile(rb"%s([^{ \t\n]+)%s(?:([0-9]+)%s)?(?:\n|\Z)" % (WS, WS, WS))
TEXT_META = re.compile(rb"#[ \t]+(HELP|TYPE)[ \t]+(?:(%s)|(%s))([^\n]*)(?:\n|\Z)" % (QUOTED_1, METRIC))
TEXT_META_START = re.compile(rb"#[ \t]+(?:HELP|TYPE)[ \t]+")
TEXT_COMMENT = re.compile(rb"#[^\n]*(?:\n|\Z)")

OM_LABELS = braces(b"", QUOTED, QUOTED_1)
OM_KEY = re.compile(rb"(?:(%s)(%s)?|(%s))" % (METRIC, OM_LABELS, OM_LABELS))
OM_EXEMPLAR = rb" # (\{(?:(?:%s|%s)=%s,)*(?:(?:%s|%s)=%s)?\})( [^ \n]+)( [^ \n]+)?" % (
    (QUOTED_1, LABEL, QUOTED_1) * 2
)
OM_REST = re.compile(rb" ([^ \n]+)(?:(?! # \{) ([^ \n]+))?(?:%s)?\n" % OM_EXEMPLAR)
OM_META = re.compile(rb"# (HELP|TYPE|UNIT) (?:(%s)|(%s)) ([^\n]*)\n" % (QUOTED_1, METRIC))

ITEMS = re.compile(rb"(?:(%s|%s)[ \t]*=[ \t]*)?(%s)" % (QUOTED, LABEL, QUOTED))
TEXT_TYPES = b"counter gauge histogram summary untyped".split()
OM_TYPES = b"counter gauge histogram gaugehistogram summary info stateset unknown".split()


@dataclass
class Read:
    samples: list[tuple[bytes, float, int]] = field(default_factory=list)
    total: int = 0
    fault: int = -1


def number(text: bytes) -> float | None:
    if NUMBER.match(text) is None and SPECIAL.match(text) is None:
        return None
    value = float(text)
    return None if math.isinf(value) and NUMBER.match(text) else value


def milliseconds(text: bytes) -> int | None:
    value = number(text)
    if value is None or not math.isfinite(value):
        return None
    return int(max(min(value * 1000, 9.2e18), -9.2e18))


def utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def names_in(labels: bytes | None) -> int | None:
    """How many metric names stand between the braces; None when a string is no UTF-8."""
    count = 0
    for name, value in ITEMS.findall(labels or b""):
        if not utf8(name) or not utf8(value):
            return None
        count += not name
    return count


def read(body: bytes, syntax: int, honor_times: bool = True) -> Read:
    done = Read()
    at = 0
    step = openmetrics if syntax == OPENMETRICS else text
    while True:
        if syntax != OPENMETRICS:
            at += len(re.match(rb"[ \n\t]*", body[at:])[0])  # type: ignore[index]
            if at >= len(body) or body[at] == 0:
                return done
        elif at >= len(body):
            done.fault = len(body)
            return done
        elif body.startswith(b"# EOF", at):
            rest = body[at + 5 :]
            if rest not in (b"", b"\n"):
                done.fault = at
            return done
        found = step(body, at)
        if found is None:
            done.fault = at
            return done
        end, sample = found
        if sample is not None:
            key, value, time = sample
            time = time if honor_times else NO_TIME
            done.total += 1
            done.samples.append((key, value, time))
        at = end


Step = tuple[int, tuple[bytes, float, int] | None]


def text(body: bytes, at: int) -> Step | None:
    if body[at : at + 1] == b"#":
        if TEXT_META_START.match(body, at):
            found = TEXT_META.match(body, at)
            if found is None:
                return None
            rest = found[4][1:]
            if found[1] == b"TYPE" and rest not in TEXT_TYPES:
                return None
            return None if found[1] == b"HELP" and not utf8(rest) else (found.end(), None)
        return TEXT_COMMENT.match(body, at).end(), None  # type: ignore[union-attr]
    key = TEXT_KEY.match(body, at)
    if key is None:
        return None
    names = names_in(key[2] or key[3])
    if names is None or names + (key[1] is not None) != 1:
        return None
    rest = TEXT_REST.match(body, key.end())
    if rest is None or (value := number(rest[1])) is None:
        return None
    time = NO_TIME if rest[2] is None else int(rest[2])
    return None if time >= 1 << 63 else (rest.end(), (key[0], value, time))


def openmetrics(body: bytes, at: int) -> Step | None:
    if body[at : at + 1] == b"#":
        found = OM_META.match(body, at)
        if found is None:
            return None
        name = found[2][1:-1] if found[2] else found[3]
        rest = found[4]
        if found[1] == b"TYPE" and rest not in OM_TYPES:
            return None
        if found[1] == b"HELP" and not utf8(rest):
            return None
        if found[1] == b"UNIT" and rest and not (name.endswith(b"_" + rest)):
            return None
        return found.end(), None
    key = OM_KEY.match(body, at)
    if key is None:
        return None
    names = names_in(key[2] or key[3])
    if names is None or names + (key[1] is not None) != 1:
        return None
    rest = OM_REST.match(body, key.end())
    if rest is None or (value := number(rest[1])) is None:
        return None
    time: int | None = NO_TIME
    if rest[2] is not None and (time := milliseconds(rest[2])) is None:
        return None
    if rest[3] is not None:
        if names_in(rest[3]) != 0 or number(rest[4][1:]) is None:
            return None
        if rest[5] is not None and milliseconds(rest[5][1:]) is None:
            return None
    return rest.end(), (key[0], value, time)
