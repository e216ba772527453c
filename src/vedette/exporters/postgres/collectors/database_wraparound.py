"""``pg_database_wraparound_*``: transactions since the oldest frozen one, by database."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

XID = Family(
    "pg_database_wraparound_age_datfrozenxid_seconds",
    "gauge",
    "Age of the oldest transaction ID that has not been frozen.",
    ("datname",),
)
MXID = Family(
    "pg_database_wraparound_age_datminmxid_seconds",
    "gauge",
    "Age of the oldest multi-transaction ID that has been replaced with a transaction ID.",
    ("datname",),
)

COLLECTOR = Collector(
    "database_wraparound",
    lambda server: (
        "SELECT datname, age(datfrozenxid), mxid_age(datminmxid) FROM pg_database WHERE datallowconn"
    ),
    columns(1, (XID, MXID)),
    default=False,
)
