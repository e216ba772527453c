"""The functions of Prometheus's rule and console templates, and the text of alerts.

text = expand_alert("{{ $labels.job }} at {{ $value | humanize }}", name="APIDown", labels=..., value=0.97, ...)
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, ClassVar
from urllib.parse import urlsplit

from vedette.model.time import DurationError, parse_duration
from vedette.template import escape
from vedette.template import text_functions as text
from vedette.template.errors import FunctionError, TemplateError
from vedette.template.gofmt import show
from vedette.template.gotime import Duration, Time
from vedette.template.template import Functions, Template, TemplateSet, parse
from vedette.template.text_functions import four_digits, scaled, scaled_up, to_float
from vedette.template.values import SafeHTML, StringMap, Struct

Row = tuple[Mapping[str, str], float]
Query = Callable[[str], Sequence[Row]]

_LARGE = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_MAX_SECONDS = 9223372036.854775807  # what int64 nanoseconds can hold


class Sample(Struct):
    """One row of a query's result."""

    go_type: ClassVar[str] = "*template.sample"
    go_fields: ClassVar[Mapping[str, str]] = {"Labels": "labels", "Value": "value"}

    def __init__(self, labels: Mapping[str, str], value: float) -> None:
        self.labels = StringMap(labels)
        self.value = value


class AlertData(Struct):
    """What the annotations and labels of an alert see as dot."""

    go_type: ClassVar[str] = (
        "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }"
    )
    go_fields: ClassVar[Mapping[str, str]] = {
        "Labels": "labels",
        "ExternalLabels": "external_labels",
        "ExternalURL": "external_url",
        "Value": "value",
    }

    def __init__(
        self, labels: Mapping[str, str], external_labels: Mapping[str, str], external_url: str, value: float
    ) -> None:
        self.labels = StringMap(labels)
        self.external_labels = StringMap(external_labels)
        self.external_url = external_url
        self.value = value


def first(rows: list) -> Sample:  # type: ignore[type-arg]
    if not rows:
        raise FunctionError("first() called on vector with no elements")
    found: Sample = rows[0]
    return found


def label(name: str, row: Sample) -> str:
    return row.labels.get(name, "")


def value_of(row: Sample) -> float:
    return row.value


def strvalue(row: Sample) -> str:
    return row.labels.get("__value__", "")


def sort_by_label(name: str, rows: list) -> list:  # type: ignore[type-arg]
    return sorted(rows, key=lambda row: row.labels.get(name, ""))


def args(*values: Any) -> dict[str, Any]:
    """Arguments for a named template: ``.arg0``, ``.arg1``..."""
    return {f"arg{at}": value for at, value in enumerate(values)}


def humanize(value: Any) -> str:
    """``1.235M``, ``12.3m``: metric prefixes, four digits."""
    number = to_float(value)
    if number == 0 or math.isnan(number) or math.isinf(number):
        return four_digits(number)
    shown, prefix = scaled(number, _LARGE, 1000) if abs(number) >= 1 else scaled_up(number)
    return four_digits(shown) + prefix


def humanize1024(value: Any) -> str:
    number = to_float(value)
    if abs(number) <= 1 or math.isnan(number) or math.isinf(number):
        return four_digits(number)
    shown, prefix = scaled(number, _BINARY, 1024)
    return four_digits(shown) + prefix


def humanize_percentage(value: Any) -> str:
    return f"{four_digits(to_float(value) * 100)}%"


def _time_of(seconds: float) -> Time:
    if abs(seconds) > _MAX_SECONDS:
        raise FunctionError(
            f"{show(seconds)} cannot be represented as a nanoseconds timestamp since it overflows int64"
        )
    return Time(int(seconds * 1000) * 10**6)


def humanize_timestamp(value: Any) -> str:
    """Unix seconds as a time: ``2015-06-28 18:27:21 +0000 UTC``."""
    seconds = to_float(value)
    if math.isnan(seconds) or math.isinf(seconds):
        return four_digits(seconds)
    return _time_of(seconds).text()


def to_time(value: Any) -> Time:
    seconds = to_float(value)
    if math.isnan(seconds) or math.isinf(seconds):
        raise FunctionError("value is NaN or Inf")
    return _time_of(seconds)


def to_duration(value: Any) -> Duration:
    seconds = to_float(value)
    if math.isnan(seconds) or math.isinf(seconds):
        raise FunctionError("value is NaN or Inf")
    if abs(seconds) > _MAX_SECONDS:
        raise FunctionError(f"{show(seconds)} cannot be represented as a duration since it overflows int64")
    return Duration(round(seconds * 1e9))


def parse_duration_seconds(written: str) -> float:
    try:
        return parse_duration(written) / 1000
    except DurationError as error:
        raise FunctionError(str(error)) from None


def _split_host_port(address: str) -> tuple[str, str] | None:
    if address.startswith("["):
        host, closed, port = address[1:].partition("]")
        return (host, port[1:]) if closed and port.startswith(":") else None
    host, colon, port = address.rpartition(":")
    return (host, port) if colon and ":" not in host else None


def strip_port(address: str) -> str:
    parts = _split_host_port(address)
    return parts[0] if parts is not None else address


def strip_domain(address: str) -> str:
    """``host.example.org:9100`` to ``host:9100``; addresses that are numbers stay."""
    parts = _split_host_port(address)
    host, port = parts if parts is not None else (address, "")
    try:
        ip_address(host)
        return address
    except ValueError:
        pass
    short = host.split(".")[0]
    return f"{short}:{port}" if port else short


def graph_link(expression: str) -> str:
    """Where the expression can be seen as a graph, relative to Prometheus's own address."""
    return f"/graph?g0.expr={escape.url_query(expression)}&g0.tab=0"


def table_link(expression: str) -> str:
    return f"/graph?g0.expr={escape.url_query(expression)}&g0.tab=1"


def url_query_escape(written: str) -> str:
    return escape.url_query(written)


STATIC: Functions = {
    "args": args,
    "first": first,
    "graphLink": graph_link,
    "humanize": humanize,
    "humanize1024": humanize1024,
    "humanizeDuration": text.humanize_duration,
    "humanizePercentage": humanize_percentage,
    "humanizeTimestamp": humanize_timestamp,
    "label": label,
    "match": text.match,
    "parseDuration": parse_duration_seconds,
    "reReplaceAll": text.re_replace_all,
    "safeHtml": text.safe_html,
    "sortByLabel": sort_by_label,
    "stripDomain": strip_domain,
    "stripPort": strip_port,
    "strvalue": strvalue,
    "tableLink": table_link,
    "title": text.title,
    "toDuration": to_duration,
    "toLower": text.to_lower,
    "toTime": to_time,
    "toUpper": text.to_upper,
    "urlQueryEscape": url_query_escape,
    "value": value_of,
}


@dataclass(frozen=True)
class Surroundings:
    """What a template may ask of the server it runs in.

    `query` answers an instant query at the time of the evaluation, as rows of (labels, value); it raises
    `FunctionError` when the query fails. `now` is in Unix seconds.
    """

    query: Query
    external_url: str = ""
    now: Callable[[], float] = time.time


def functions(around: Surroundings) -> dict[str, Callable[..., Any]]:
    """Prometheus's function set. `tmpl` is added by `expand_console`, the only place that has it."""

    def query(expression: str) -> list:  # type: ignore[type-arg]
        return [Sample(labels, value) for labels, value in around.query(expression)]

    def external_url() -> str:
        return around.external_url

    def path_prefix() -> str:
        return urlsplit(around.external_url).path

    def now() -> float:
        return around.now()

    return {
        **STATIC,
        "query": query,
        "externalURL": external_url,
        "pathPrefix": path_prefix,
        "now": now,
    }


# Prometheus puts these before every alert's text, and its error positions count them.
ALERT_PRELUDE = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"


def check_alert(written: str, *, name: str) -> None:
    """Whether the text of an annotation or label can be read. Raises `TemplateError`."""
    _parse_alert(written, name)


_UNBOUND = functions(Surroundings(query=lambda expression: ()))


@lru_cache(maxsize=2048)
def _parse_alert(written: str, name: str) -> Template:
    full_name = f"__alert_{name}"
    try:
        return parse(ALERT_PRELUDE + written, name=full_name, functions=_UNBOUND, missing_key="zero")
    except TemplateError as error:
        raise TemplateError(f"error parsing template {full_name}: {error}") from None


def expand_alert(
    written: str,
    *,
    name: str,
    labels: Mapping[str, str],
    value: float,
    around: Surroundings,
    external_labels: Mapping[str, str] | None = None,
) -> str:
    """The text of an annotation or label of alert `name`. Raises `TemplateError`."""
    if "{{" not in written:
        return written
    template = _parse_alert(written, name)
    data = AlertData(labels, external_labels or {}, around.external_url, value)
    try:
        return template.execute(data, functions=functions(around))
    except TemplateError as error:
        raise TemplateError(f"error executing template __alert_{name}: {error}") from None


def expand_console(
    written: str,
    *,
    name: str,
    data: Any,
    around: Surroundings,
    libraries: Mapping[str, str] | None = None,
) -> str:
    """A console page: HTML, values escaped by context; `libraries` are files of definitions by name."""

    def tmpl(template_name: str, inner: Any) -> SafeHTML:
        return SafeHTML(templates.execute(template_name, inner, html=True))

    templates = TemplateSet({**functions(around), "tmpl": tmpl})
    for file_name, content in (libraries or {}).items():
        templates.add(content, name=file_name)
    return templates.compile(written, name=name).execute(data, html=True)
