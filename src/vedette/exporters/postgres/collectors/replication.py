"""``pg_replication_*``: is this a replica, and how far behind."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

LAG = Family("pg_replication_lag_seconds", "gauge", "Replication lag behind master in seconds")
IS_REPLICA = Family("pg_replication_is_replica", "gauge", "Indicates if the server is a replica")
LAST_REPLAY = Family("pg_replication_last_replay_seconds", "gauge", "Age of last replay in seconds")
# A replica that has replayed all it received is not behind, however long ago the last transaction was.
SQL = """
    SELECT CASE WHEN NOT pg_is_in_recovery() THEN 0
                WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                ELSE GREATEST(0, EXTRACT(EPOCH FROM now() - pg_last_xact_replay_timestamp())) END,
           pg_is_in_recovery()::int,
           GREATEST(0, EXTRACT(EPOCH FROM now() - pg_last_xact_replay_timestamp()))
"""

COLLECTOR = Collector("replication", lambda server: SQL, columns(0, (LAG, IS_REPLICA, LAST_REPLAY)))
