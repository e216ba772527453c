"""The formats a target may be asked for."""

from __future__ import annotations

from collections.abc import Sequence

DEFAULT_PROTOCOLS = (
    "OpenMetricsText1.0.0",
    "OpenMetricsText0.0.1",
    "PrometheusText1.0.0",
    "PrometheusText0.0.4",
)
PROTOBUF = "PrometheusProto"

# Name in the configuration -> content type.
MEDIA_TYPES = {
    "OpenMetricsText0.0.1": "application/openmetrics-text;version=0.0.1",
    "OpenMetricsText1.0.0": "application/openmetrics-text;version=1.0.0",
    PROTOBUF: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
    "PrometheusText0.0.4": "text/plain;version=0.0.4",
    "PrometheusText1.0.0": "text/plain;version=1.0.0",
}
# Formats that carry names beyond ASCII say how such names are written.
_WITH_ESCAPING = ("OpenMetricsText1.0.0", "PrometheusText1.0.0")

VALIDATION_SCHEMES = ("utf8", "legacy")
ESCAPING_SCHEMES = ("allow-utf-8", "underscores", "dots", "values")


def fault(protocols: Sequence[str]) -> str:
    """What is wrong with a list of protocols, or ''."""
    if not protocols:
        return "scrape_protocols cannot be empty"
    if len({p.lower() for p in protocols}) < len(protocols):
        return f"duplicated protocol in scrape_protocols, got [{' '.join(protocols)}]"
    for protocol in protocols:
        if protocol not in MEDIA_TYPES:
            return f"scrape_protocols: {unknown(protocol)}"
    return ""


def unknown(protocol: str) -> str:
    return f"unknown scrape protocol {protocol}, supported: [{' '.join(sorted(MEDIA_TYPES))}]"


def accept_header(protocols: Sequence[str], escaping: str) -> str:
    """``Accept`` for a scrape: the protocols by falling preference, and anything else last.

    Protobuf is left out: pages in it aren't read.
    """
    spoken = [p for p in protocols if p != PROTOBUF]
    parts = []
    weight = len(MEDIA_TYPES) + 1
    for protocol in spoken:
        media = MEDIA_TYPES[protocol]
        if protocol in _WITH_ESCAPING:
            media += f";escaping={escaping}"
        parts.append(f"{media};q=0.{weight}")
        weight -= 1
    parts.append(f"*/*;q=0.{weight}")
    return ",".join(parts)
