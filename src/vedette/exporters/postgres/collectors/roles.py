"""``pg_roles_connection_limit``: how many connections a role may have; -1: any number."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

LIMIT = Family("pg_roles_connection_limit", "gauge", "Connection limit set for the role", ("rolname",))

COLLECTOR = Collector(
    "roles",
    lambda server: "SELECT rolname, rolconnlimit FROM pg_roles WHERE rolcanlogin",
    columns(1, (LIMIT,)),
)
