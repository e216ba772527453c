"""Queries as nobody means them: those of scripts with pieces lost, doubled, swapped and put in."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_PIECE = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*|[0-9][a-zA-Z0-9_.]*|\"[^\"]*\"|\s+|[\s\S]")

_TOKENS = [
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "@",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "=",
    "==",
    "!=",
    "=~",
    "!~",
    "<",
    ">",
    "<=",
    ">=",
    "</",
    ">/",
    "#",
    "?",
    "$",
    "~",
    "&",
    "\\",
    "'",
    '"',
    "`",
    "sum",
    "avg",
    "topk",
    "count_values",
    "quantile",
    "limitk",
    "limit_ratio",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "bool",
    "offset",
    "fill(0)",
    "fill_left(NaN)",
    "fill_right(-Inf)",
    "anchored",
    "smoothed",
    "start()",
    "end()",
    "step()",
    "range()",
    "min_of(1,2)",
    "max_of(5m,step())",
    "[5m]",
    "[5m:1m]",
    "[1y:1ms]",
    "[5m:]",
    "[0s]",
    "[1000y]",
    "[-5m]",
    "[step()]",
    "[NaN]",
    "@0",
    "@1e30",
    "@-1e15",
    "@NaN",
    "@start()",
    "@end()",
    "@9223372036854775",
    "offset-5m",
    "offset(1h/0)",
    "offset+step()",
    "offset292y",
    "offset-292y",
    "0",
    "-0",
    "1e308",
    "1e-308",
    "1e999",
    "0x",
    "0xffffffffffffffffff",
    "1_0",
    "NaN",
    "Inf",
    "99999999999999999999",
    "1h1h",
    "5mm",
    "1.5h",
    "and",
    "or",
    "unless",
    "atan2",
    "up",
    "foo",
    "a:b",
    "{}",
    '{a=~".*"}',
    '{a=~"("}',
    '{"\\xff"}',
    '{__name__=~".+"}',
    '""',
    '"\\"',
    '"$1"',
    '"\\u00e9"',
    "rate",
    "increase",
    "histogram_quantile",
    "label_replace",
    "label_join",
    "absent",
    "info",
    "sort_by_label",
    "scalar",
    "vector",
    "time()",
    "timestamp",
    "predict_linear",
    "quantile_over_time",
    "holt_winters",
    "nope",
    "histogram_fraction",
    "clamp",
    "round",
    "day_of_month",
]
_ODD = [
    "é",
    "日本",
    "😀",
    "\u200b",
    "\ufeff",
    "\x00",
    "\x7f",
    "\udcff",
    "\u2028",
    "\t",
    "\r\n",
    " # why\n",
    "́",
]


class Mutator:
    """Draws from one seed, so that a failure can be asked again."""

    def __init__(self, queries: Sequence[str], seed: int) -> None:
        self.queries = queries
        self.random = random.Random(seed)

    def query(self) -> str:
        rng = self.random
        pieces = _PIECE.findall(rng.choice(self.queries))
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 6))):
            self.change(pieces)
        text = "".join(pieces)
        if rng.random() < 0.2:
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(_ODD) + text[at:]
        if rng.random() < 0.02:
            text = self.deep(text)
        return text

    def change(self, pieces: list[str]) -> None:
        rng = self.random
        at = rng.randrange(len(pieces) + 1)
        match rng.randrange(8):
            case 0:
                del pieces[at : at + 1]
            case 1:
                pieces[at:at] = pieces[at : at + 1]
            case 2 if pieces:
                other, at = rng.randrange(len(pieces)), min(at, len(pieces) - 1)
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case 3:
                pieces[at : at + 1] = [rng.choice(_TOKENS)]
            case 4:
                del pieces[at:]
            case 5:
                taken = _PIECE.findall(rng.choice(self.queries))
                start = rng.randrange(len(taken) + 1)
                pieces[at:at] = taken[start : start + rng.randrange(1, 8)]
            case 6:
                text = "".join(pieces)
                cut = rng.randrange(len(text) + 1)
                pieces[:] = _PIECE.findall(text[:cut] + text[cut + 1 :])
            case _:
                pieces.insert(at, f" {rng.choice(_TOKENS)} ")

    def deep(self, text: str) -> str:
        rng = self.random
        times = rng.choice((10, 150, 1000))
        return rng.choice(
            (
                "(" * times + text + ")" * times,
                "-" * times + text,
                " + ".join([text] * min(times, 600)),
                "sum(" * times + text + ")" * times,
                text + " offset 1s" * times,
                text + "[5m:]" * times,
                f"m[{'(' * times}1m{')' * times}]",
                f"m[1m{' + 1m' * times}]",
                f"m[{'-' * times}1m]",
                "(" * times + text,
            )
        )
