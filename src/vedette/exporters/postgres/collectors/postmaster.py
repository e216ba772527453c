"""``pg_postmaster_start_time_seconds``."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

START = Family("pg_postmaster_start_time_seconds", "gauge", "Time at which postmaster started")

COLLECTOR = Collector(
    "postmaster",
    lambda server: "SELECT EXTRACT(EPOCH FROM pg_postmaster_start_time())",
    columns(0, (START,)),
    default=False,
)
