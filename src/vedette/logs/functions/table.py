"""Every function that a LogQL template may call, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vedette.logs.functions import numbers, strings, times
from vedette.template.gotime import Time
from vedette.template.text_functions import title, to_lower, to_upper


def _no_line() -> str:
    return ""


def _no_time() -> Time:
    return Time(0)


# `__line__` and `__timestamp__` are replaced by those of the line for each execution.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "__line__": _no_line,
    "__timestamp__": _no_time,
    "ToLower": to_lower,
    "ToUpper": to_upper,
    "Replace": strings.replace_n,
    "Trim": strings.trim_cutset,
    "TrimLeft": strings.trim_left,
    "TrimRight": strings.trim_right,
    "TrimPrefix": strings.trim_prefix_of,
    "TrimSuffix": strings.trim_suffix_of,
    "TrimSpace": strings.trim_space,
    "regexReplaceAll": strings.regex_replace_all,
    "regexReplaceAllLiteral": strings.regex_replace_all_literal,
    "count": strings.count,
    "urlencode": strings.url_encode,
    "urldecode": strings.url_decode,
    "bytes": numbers.convert_bytes,
    "duration": numbers.convert_duration,
    "duration_seconds": numbers.convert_duration,
    "unixEpoch": times.unix_epoch,
    "unixEpochMillis": times.unix_epoch_millis,
    "unixEpochNanos": times.unix_epoch_nanos,
    "toDateInZone": times.to_date_in_zone,
    "unixToTime": times.unix_to_time,
    "alignLeft": strings.align_left,
    "alignRight": strings.align_right,
    "b64enc": strings.b64enc,
    "b64dec": strings.b64dec,
    "lower": to_lower,
    "upper": to_upper,
    "title": title,
    "trunc": strings.trunc,
    "substr": strings.substr,
    "contains": strings.contains,
    "hasPrefix": strings.has_prefix,
    "hasSuffix": strings.has_suffix,
    "indent": strings.indent,
    "nindent": strings.nindent,
    "replace": strings.replace,
    "repeat": strings.repeat,
    "trim": strings.trim_space,
    "trimAll": strings.trim_all,
    "trimSuffix": strings.trim_suffix,
    "trimPrefix": strings.trim_prefix,
    "int": numbers.to_int,
    "float64": numbers.to_float,
    "add": numbers.add,
    "sub": numbers.sub,
    "mul": numbers.mul,
    "div": numbers.div,
    "mod": numbers.mod,
    "addf": numbers.addf,
    "subf": numbers.subf,
    "mulf": numbers.mulf,
    "divf": numbers.divf,
    "max": numbers.max_,
    "min": numbers.min_,
    "maxf": numbers.maxf,
    "minf": numbers.minf,
    "ceil": numbers.ceil,
    "floor": numbers.floor,
    "round": numbers.round_,
    "fromJson": numbers.from_json,
    "date": times.date,
    "toDate": times.to_date,
    "now": times.now,
    "default": strings.default,
}
