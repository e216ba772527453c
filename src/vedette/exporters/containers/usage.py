"""What a container, a control group or a named process uses, and how that is called on the page.

Fields that a source doesn't know are None and leave their metric out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vedette.exporters.page import Family, Page

LABELS = ("id", "image", "name")


def _family(name: str, kind: str, help: str, *more: str) -> Family:
    return Family(f"container_{name}", kind, help, (*LABELS, *more))


@dataclass(frozen=True)
class Identity:
    """`id` is the path of the control group; `name` and `image` are empty for what is no container."""

    id: str
    name: str = ""
    image: str = ""


@dataclass
class Usage:
    # seconds of CPU time
    cpu_seconds: float | None = None
    cpu_user_seconds: float | None = None
    cpu_system_seconds: float | None = None
    # bandwidth control; quota and period in microseconds, None without a quota
    cpu_periods: int | None = None
    cpu_throttled_periods: int | None = None
    cpu_throttled_seconds: float | None = None
    cpu_quota: int | None = None
    cpu_period: int | None = None
    cpu_weight: int | None = None
    # bytes; a limit of 0 is none
    memory_usage: int | None = None
    memory_working_set: int | None = None
    memory_rss: int | None = None
    memory_cache: int | None = None
    memory_mapped_file: int | None = None
    memory_swap: int | None = None
    memory_peak: int | None = None
    memory_limit: int | None = None
    memory_reservation: int | None = None
    swap_limit: int | None = None
    # counts
    page_faults: int | None = None
    major_page_faults: int | None = None
    memory_limit_hits: int | None = None
    oom_events: int | None = None
    processes: int | None = None
    threads: int | None = None
    threads_max: int | None = None
    file_descriptors: int | None = None
    start_time: float | None = None  # seconds since the epoch
    # device -> (bytes read, bytes written, reads, writes)
    disks: Mapping[str, tuple[int | None, int | None, int | None, int | None]] = field(default_factory=dict)
    # resource -> (seconds waiting, seconds stalled)
    pressure: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    # interface -> receive bytes, packets, errors, dropped, transmit bytes, packets, errors, dropped
    network: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


# Field of Usage -> metric.
PLAIN: Mapping[str, Family] = {
    "cpu_user_seconds": _family(
        "cpu_user_seconds_total", "counter", "Cumulative user cpu time consumed in seconds."
    ),
    "cpu_system_seconds": _family(
        "cpu_system_seconds_total", "counter", "Cumulative system cpu time consumed in seconds."
    ),
    "cpu_periods": _family(
        "cpu_cfs_periods_total", "counter", "Number of elapsed enforcement period intervals."
    ),
    "cpu_throttled_periods": _family(
        "cpu_cfs_throttled_periods_total", "counter", "Number of throttled period intervals."
    ),
    "cpu_throttled_seconds": _family(
        "cpu_cfs_throttled_seconds_total", "counter", "Total time duration the container has been throttled."
    ),
    "cpu_quota": _family("spec_cpu_quota", "gauge", "CPU quota of the container."),
    "cpu_period": _family("spec_cpu_period", "gauge", "CPU period of the container."),
    "cpu_weight": _family("spec_cpu_shares", "gauge", "CPU share of the container."),
    "memory_usage": _family(
        "memory_usage_bytes",
        "gauge",
        "Current memory usage in bytes, including all memory regardless of when it was accessed",
    ),
    "memory_working_set": _family("memory_working_set_bytes", "gauge", "Current working set in bytes."),
    "memory_rss": _family("memory_rss", "gauge", "Size of RSS in bytes."),
    "memory_cache": _family("memory_cache", "gauge", "Number of bytes of page cache memory."),
    "memory_mapped_file": _family("memory_mapped_file", "gauge", "Size of memory mapped files in bytes."),
    "memory_swap": _family("memory_swap", "gauge", "Container swap usage in bytes."),
    "memory_peak": _family("memory_max_usage_bytes", "gauge", "Maximum memory usage recorded in bytes"),
    "memory_limit": _family("spec_memory_limit_bytes", "gauge", "Memory limit for the container."),
    "memory_reservation": _family(
        "spec_memory_reservation_limit_bytes", "gauge", "Memory reservation limit for the container."
    ),
    "swap_limit": _family("spec_memory_swap_limit_bytes", "gauge", "Memory swap limit for the container."),
    "memory_limit_hits": _family("memory_failcnt", "counter", "Number of memory usage hits limits"),
    "oom_events": _family(
        "oom_events_total", "counter", "Count of out of memory events observed for the container"
    ),
    "processes": _family("processes", "gauge", "Number of processes running inside the container."),
    "threads": _family("threads", "gauge", "Number of threads running inside the container"),
    "threads_max": _family(
        "threads_max",
        "gauge",
        "Maximum number of threads allowed inside the container, infinity if value is zero",
    ),
    "file_descriptors": _family(
        "file_descriptors", "gauge", "Number of open file descriptors for the container."
    ),
    "start_time": _family(
        "start_time_seconds", "gauge", "Start time of the container since unix epoch in seconds."
    ),
}
CPU = _family("cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed in seconds.", "cpu")
FAILURES = _family(
    "memory_failures_total",
    "counter",
    "Cumulative count of memory allocation failures.",
    "failure_type",
    "scope",
)
LAST_SEEN = _family("last_seen", "gauge", "Last time a container was seen by the exporter")
DISK = (
    _family("fs_reads_bytes_total", "counter", "Cumulative count of bytes read", "device"),
    _family("fs_writes_bytes_total", "counter", "Cumulative count of bytes written", "device"),
    _family("fs_reads_total", "counter", "Cumulative count of reads completed", "device"),
    _family("fs_writes_total", "counter", "Cumulative count of writes completed", "device"),
)
NETWORK = tuple(
    _family(
        f"network_{direction}_{what}_total",
        "counter",
        f"Cumulative count of {text} {'received' if direction == 'receive' else 'transmitted'}",
        "interface",
    )
    for direction in ("receive", "transmit")
    for what, text in (
        ("bytes", "bytes"),
        ("packets", "packets"),
        ("errors", "errors while packets were"),
        ("packets_dropped", "packets dropped while"),
    )
)


def _pressure(resource: str, what: str, text: str) -> Family:
    return _family(f"pressure_{resource}_{what}_seconds_total", "counter", text)


PRESSURE = {
    resource: (
        _pressure(
            resource, "waiting", f"Total time in seconds tasks in the container have waited for {text}"
        ),
        _pressure(
            resource,
            "stalled",
            f"Total time in seconds no tasks in the container could make progress for {text}",
        ),
    )
    for resource, text in (("cpu", "CPU time"), ("memory", "memory"), ("io", "IO"))
}


def describe(page: Page, who: Identity, usage: Usage, now: float) -> None:
    labels = (who.id, who.image, who.name)
    for name, family in PLAIN.items():
        value = getattr(usage, name)
        if value is not None:
            page.add(family, value, *labels)
    if usage.cpu_seconds is not None:
        page.add(CPU, usage.cpu_seconds, *labels, "total")
    for kind, count in (("pgfault", usage.page_faults), ("pgmajfault", usage.major_page_faults)):
        if count is not None:
            page.add(FAILURES, count, *labels, kind, "hierarchy")
    page.add(LAST_SEEN, int(now), *labels)
    for device, counts in usage.disks.items():
        for family, number in zip(DISK, counts, strict=True):
            if number is not None:
                page.add(family, number, *labels, device)
    for interface, numbers in usage.network.items():
        for family, number in zip(NETWORK, numbers, strict=True):
            page.add(family, number, *labels, interface)
    for resource, seconds in usage.pressure.items():
        for family, total in zip(PRESSURE[resource], seconds, strict=True):
            if total is not None:
                page.add(family, total, *labels)
