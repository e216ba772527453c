"""The unit of a hand-written panel that names none, read off its title and its metric.

Only for panels that carry nothing but a title and an expression, as the ones people paste from articles do; a
panel saved by Grafana keeps whatever it says, even when that is nothing.
"""

from __future__ import annotations

import re

_TITLE = (
    (re.compile(r"\(\s*%\s*\)|\bpercent(age)?\b", re.I), "percent"),
    (re.compile(r"\(\s*(ms|milliseconds)\s*\)", re.I), "ms"),
    (re.compile(r"\(\s*(s|sec|seconds)\s*\)", re.I), "s"),
    (re.compile(r"\b(requests|queries) per second\b|\breq/s\b|\brps\b", re.I), "reqps"),
    (re.compile(r"\bops/s\b|\boperations per second\b", re.I), "ops"),
)
_GIB = re.compile(r"/\s*1024\s*/\s*1024\s*/\s*1024\s*$|/\s*1024\s*\^\s*3\s*$|/\s*1073741824\s*$")
_MIB = re.compile(r"/\s*1024\s*/\s*1024\s*$|/\s*1024\s*\^\s*2\s*$|/\s*1048576\s*$")
_TIMES_100 = re.compile(r"\*\s*100\s*$|^\s*100\s*\*")
_RATIO = re.compile(r"\b(ratio|utili[sz]ation|usage|connections)\b", re.I)
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def guess_unit(title: str, expr: str) -> str:
    """A Grafana unit id, or `""` where nothing is plain."""
    for pattern, unit in _TITLE:
        if pattern.search(title):
            return unit
    if _GIB.search(expr):
        return "gbytes"
    if _MIB.search(expr):
        return "mbytes"
    names = _METRIC.findall(re.sub(r'"[^"]*"|\{[^}]*\}', "", expr))
    divides = "/" in expr
    if divides:
        if _TIMES_100.search(expr):
            return "percent"
        sides = [_kind(part) for part in re.split(r"\s/\s", re.sub(r"\{[^}]*\}", "", expr), maxsplit=1)]
        if len(sides) == 2 and sides[0] == sides[1] and sides[0] in ("bytes", "count"):
            return (
                "percentunit"
                if sides[0] == "bytes" or _RATIO.search(title) or "ratio" in title.lower()
                else ""
            )
        return "percentunit" if "ratio" in title.lower() else ""
    if "histogram_quantile" in names or any(n.endswith(("_seconds", "_seconds_sum")) for n in names):
        seconds = any("_seconds" in n or n.endswith("_duration") for n in names)
        return "s" if seconds else ""
    if any("_bytes" in n for n in names):
        return "Bps" if any(n in ("rate", "irate") for n in names) else "bytes"
    if any(n in ("rate", "irate") for n in names):
        return "reqps" if any("request" in n for n in names) else "ops"
    return ""


def _kind(expr: str) -> str:
    names = [n for n in _METRIC.findall(expr) if "_" in n]
    if any("_bytes" in n for n in names):
        return "bytes"
    if any("_seconds" in n for n in names):
        return "seconds"
    return "count" if names else ""
