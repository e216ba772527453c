"""What the well-known exporters expose: names and labels, so that a rule can be judged before any data is there."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KNOWN = Path(__file__).resolve().parent / "known"


@dataclass(frozen=True, slots=True)
class Exporter:
    """A kind of exporter: how its metrics begin, its port, and the metric that says whether the service is up."""

    kind: str
    title: str
    prefix: str
    port: int
    up: str = ""


EXPORTERS: tuple[Exporter, ...] = (
    Exporter("node", "node_exporter", "node_", 9100),
    Exporter("postgres", "postgres_exporter", "pg_", 9187, "pg_up"),
    Exporter("redis", "redis_exporter", "redis_", 9121, "redis_up"),
    Exporter("containers", "cAdvisor", "container_", 8080),
)

# Names that older guides use, and what says the same today.
SUCCESSORS: Mapping[str, str] = {
    "pg_stat_statements_mean_time_seconds": (
        "rate(pg_stat_statements_seconds_total[5m]) / rate(pg_stat_statements_calls_total[5m])"
    ),
    "pg_stat_statements_calls": "pg_stat_statements_calls_total",
    "pg_stat_statements_total_time_seconds": "pg_stat_statements_seconds_total",
}


@cache
def metrics_of(kind: str) -> Mapping[str, frozenset[str]]:
    """Metric names of an exporter, with the labels of each besides job and instance."""
    known: dict[str, frozenset[str]] = {}
    for line in (KNOWN / f"{kind}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, labels = line.partition(" ")
            known[name] = frozenset(labels.split(",")) - {""}
    return known


def exporter_of(metric: str) -> Exporter | None:
    """The exporter whose metric this is, by its beginning."""
    return next((e for e in EXPORTERS if metric.startswith(e.prefix)), None)


def labels_of(metric: str) -> frozenset[str] | None:
    """The labels of a metric besides job and instance; None when the catalogue does not know it."""
    exporter = exporter_of(metric)
    return None if exporter is None else metrics_of(exporter.kind).get(metric)


def is_open(metric: str) -> bool:
    """Whether a family depends on the server, so that an unknown name proves nothing."""
    return metric.startswith(
        ("pg_settings_", "node_netstat_", "node_vmstat_", "node_memory_", "redis_config_")
    )


def nearest(metric: str) -> str:
    """What the writer may have meant."""
    if metric in SUCCESSORS:
        return SUCCESSORS[metric]
    exporter = exporter_of(metric)
    if exporter is None:
        return ""
    near = difflib.get_close_matches(metric, metrics_of(exporter.kind), n=1, cutoff=0.75)
    return near[0] if near else ""
