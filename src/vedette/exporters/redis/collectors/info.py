"""Fields of INFO that are a number each, and what identifies the server."""

from __future__ import annotations

import time

from vedette.exporters.page import Family, Page
from vedette.exporters.redis.fields import family_of, plain
from vedette.exporters.redis.reply import Reply, to_number

INSTANCE_LABELS = (
    "role",
    "redis_version",
    "redis_build_id",
    "redis_mode",
    "os",
    "maxmemory_policy",
    "tcp_port",
    "run_id",
    "process_id",
    "master_replid",
)
INSTANCE = Family("redis_instance_info", "gauge", "instance_info metric", INSTANCE_LABELS)
# What Valkey calls otherwise.
ALSO = {"redis_mode": "server_mode", "redis_build_id": "valkey_build_id"}
START = Family(
    "redis_start_time_seconds", "gauge", "Start time of the Redis instance since unix epoch in seconds."
)
MICROSECONDS = {"latest_fork_usec": plain("latest_fork_seconds")}
# Only as metrics of a replica, which name its master.
OF_REPLICAS = {
    "master_link_status",
    "master_last_io_seconds_ago",
    "master_sync_in_progress",
    "slave_repl_offset",
}
OTHER = {name: plain(name) for name in ("cluster_enabled", "cluster_connections", "configured_hz", "hz")}
SYSTEM = {"total_system_memory": plain("total_system_memory_bytes")}


def describe(page: Page, reply: Reply, system_metrics: bool = False) -> None:
    info = reply.info
    for name, text in info.items():
        family = OTHER.get(name) or MICROSECONDS.get(name) or family_of(name)
        if family is None and system_metrics:
            family = SYSTEM.get(name)
        if family is None or name in OF_REPLICAS:
            continue
        value = to_number(text)
        if value is not None:
            page.add(family, value / 1e6 if name in MICROSECONDS else value)
    page.add(
        INSTANCE, 1, *(info.get(label) or info.get(ALSO.get(label, ""), "") for label in INSTANCE_LABELS)
    )
    uptime = to_number(info.get("uptime_in_seconds"))
    if uptime is not None:
        page.add(START, int(time.time()) - int(uptime))
