"""``redis_db_*``: keys, keys that expire and mean time to live by database, 0 for those that are empty."""

from __future__ import annotations

import re

from vedette.exporters.page import Family, Page
from vedette.exporters.redis.reply import Reply, parse_pairs, to_number

KEYS = Family("redis_db_keys", "gauge", "Total number of keys by DB", ("db",))
EXPIRING = Family("redis_db_keys_expiring", "gauge", "Total number of expiring keys by DB", ("db",))
CACHED = Family("redis_db_keys_cached", "gauge", "Total number of cached keys by DB", ("db",))
AVG_TTL = Family("redis_db_avg_ttl_seconds", "gauge", "Avg TTL in seconds", ("db",))
DATABASE = re.compile(r"db\d+")
MOST_DATABASES = 16  # that are shown while empty, however many the server is configured for


def describe(page: Page, reply: Reply) -> None:
    seen: set[str] = set()
    for name, text in reply.info.items():
        if not DATABASE.fullmatch(name):
            continue
        seen.add(name)
        pairs = parse_pairs(text)
        page.add(KEYS, to_number(pairs.get("keys")) or 0, name)
        page.add(EXPIRING, to_number(pairs.get("expires")) or 0, name)
        ttl = to_number(pairs.get("avg_ttl"))
        if ttl is not None:
            page.add(AVG_TTL, ttl / 1000, name)
        cached = to_number(pairs.get("cached_keys"))
        if cached is not None:
            page.add(CACHED, cached, name)
    configured = to_number((reply.config or {}).get("databases")) or 0
    for number in range(min(int(configured), MOST_DATABASES)):
        name = f"db{number}"
        if name not in seen:
            page.add(KEYS, 0, name)
            page.add(EXPIRING, 0, name)
