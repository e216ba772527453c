"""The limits of pushes and queries. The defaults are the original's."""

from __future__ import annotations

from dataclasses import dataclass

SERVICE_NAME_LABELS = (
    "service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container", "container_name",
    "k8s_container_name", "component", "workload", "job", "k8s_job_name",
)  # fmt: skip
LEVEL_FIELDS = (
    "level", "LEVEL", "Level", "log.level", "severity", "SEVERITY", "Severity", "SeverityText", "lvl", "LVL", "Lvl",
    "severity_text", "Severity_Text", "SEVERITY_TEXT",
)  # fmt: skip

SECOND_NS = 10**9


@dataclass(frozen=True, slots=True)
class PushLimits:
    """Sizes in bytes, times in nanoseconds; a limit of 0 is none."""

    max_body_bytes: int = 100 << 20
    max_line_bytes: int = 256 << 10
    truncate_lines: bool = False
    max_label_names: int = 15
    max_name_bytes: int = 1024
    max_value_bytes: int = 2048
    reject_old: bool = True
    max_age_ns: int = 7 * 86400 * SECOND_NS
    max_ahead_ns: int = 600 * SECOND_NS
    max_metadata_bytes: int = 64 << 10
    max_metadata_pairs: int = 128
    allow_metadata: bool = True
    max_streams: int = 5000
    rate_bytes: int = 4 << 20
    burst_bytes: int = 6 << 20
    stream_rate_bytes: int = 3 << 20
    stream_burst_bytes: int = 15 << 20
    service_name_labels: tuple[str, ...] = SERVICE_NAME_LABELS
    discover_levels: bool = True
    level_fields: tuple[str, ...] = LEVEL_FIELDS


@dataclass(frozen=True, slots=True)
class QueryLimits:
    max_entries: int = 5000
    max_series: int = 500
    max_points: int = 11000
    max_length_ns: int = 721 * 3600 * SECOND_NS
    max_lookback_ns: int = 0
    max_streams_matchers: int = 0
    timeout_s: float = 60.0
    split_ns: int = 3600 * SECOND_NS
    tail_max_duration_s: float = 3600.0
    max_tails: int = 10
    max_concurrent: int = 8
