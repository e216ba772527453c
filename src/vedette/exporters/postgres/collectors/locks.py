"""``pg_locks_count``: locks held or awaited by database and mode, 0 included."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

COUNT = Family("pg_locks_count", "gauge", "Number of locks", ("datname", "mode"))
SQL = """
    SELECT pg_database.datname, modes.mode, count(pg_locks.mode)
    FROM (VALUES ('accesssharelock'), ('rowsharelock'), ('rowexclusivelock'), ('shareupdateexclusivelock'),
                 ('sharelock'), ('sharerowexclusivelock'), ('exclusivelock'), ('accessexclusivelock'),
                 ('sireadlock')) AS modes(mode)
    CROSS JOIN pg_database
    LEFT JOIN pg_locks ON pg_locks.database = pg_database.oid AND lower(pg_locks.mode) = modes.mode
    GROUP BY 1, 2
    ORDER BY 1, 2
"""

COLLECTOR = Collector("locks", lambda server: SQL, columns(2, (COUNT,)))
