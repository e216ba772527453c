"""Replicas of this server, and its master if it is a replica itself."""

from __future__ import annotations

import re

from vedette.exporters.page import Family, Page
from vedette.exporters.redis.reply import Reply, parse_pairs, to_number

REPLICA_LABELS = ("slave_ip", "slave_port", "slave_state")
OFFSET = Family("redis_connected_slave_offset_bytes", "gauge", "Offset of connected slave", REPLICA_LABELS)
LAG = Family("redis_connected_slave_lag_seconds", "gauge", "Lag of connected slave", REPLICA_LABELS)
MASTER_LABELS = ("master_host", "master_port")
LINK_UP = Family("redis_master_link_up", "gauge", "Master link status on Redis slave", MASTER_LABELS)
LAST_IO = Family("redis_master_last_io_seconds_ago", "gauge", "Master last io seconds ago", MASTER_LABELS)
SYNCING = Family("redis_master_sync_in_progress", "gauge", "Master sync in progress", MASTER_LABELS)
REPL_OFFSET = Family("redis_slave_repl_offset", "gauge", "Slave replication offset", MASTER_LABELS)
INFO = Family("redis_slave_info", "gauge", "Information about the Redis slave", (*MASTER_LABELS, "read_only"))
REPLICA = re.compile(r"slave\d+")
OF_MASTER = {
    "master_link_status": LINK_UP,
    "master_last_io_seconds_ago": LAST_IO,
    "master_sync_in_progress": SYNCING,
    "slave_repl_offset": REPL_OFFSET,
}


def describe(page: Page, reply: Reply) -> None:
    info = reply.info
    for name, text in info.items():
        if REPLICA.fullmatch(name) and "=" in text:
            _describe_replica(page, parse_pairs(text))
    if info.get("role") != "slave":
        return
    master = (info.get("master_host", ""), info.get("master_port", ""))
    page.add(INFO, 1, *master, info.get("slave_read_only", ""))
    for field, family in OF_MASTER.items():
        value = to_number(info.get(field))
        if value is not None:
            page.add(family, value, *master)


def _describe_replica(page: Page, pairs: dict[str, str]) -> None:
    labels = (pairs.get("ip", ""), pairs.get("port", ""), pairs.get("state", ""))
    for key, family in (("offset", OFFSET), ("lag", LAG)):
        value = to_number(pairs.get(key))
        if value is not None:
            page.add(family, value, *labels)
