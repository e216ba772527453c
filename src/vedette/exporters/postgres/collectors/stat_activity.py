"""``pg_stat_activity_*``: sessions by database, state, user, program and what they wait for.

A role without `pg_monitor` isn't shown the state of other users' sessions. They are counted with
``state="unknown"``, so that a sum of connections stays true; the original leaves them out.
"""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, columns

LABELS = (
    "datname",
    "state",
    "usename",
    "application_name",
    "backend_type",
    "wait_event_type",
    "wait_event",
)
COUNT = Family("pg_stat_activity_count", "gauge", "number of connections in this state", LABELS)
MAX_TX = Family(
    "pg_stat_activity_max_tx_duration",
    "gauge",
    "max duration in seconds any active transaction has been running",
    LABELS,
)
SQL = """
    WITH sessions AS (
        SELECT datname, COALESCE(state, 'unknown') AS state, usename, application_name, backend_type,
               wait_event_type, wait_event, count(*) AS count,
               max(EXTRACT(EPOCH FROM now() - xact_start))::float AS max_tx_duration
        FROM pg_stat_activity
        WHERE datname IS NOT NULL
          AND (state IS NOT NULL OR backend_type IS NULL OR backend_type = 'client backend')
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    )
    SELECT datname::text, state, usename::text, application_name, backend_type, wait_event_type, wait_event,
           count, max_tx_duration
    FROM sessions
    UNION ALL
    SELECT pg_database.datname, states.state, NULL, NULL, NULL, NULL, NULL, 0, 0
    FROM (VALUES ('active'), ('idle'), ('idle in transaction'), ('idle in transaction (aborted)'),
                 ('fastpath function call'), ('disabled')) AS states(state)
    CROSS JOIN pg_database
    WHERE NOT EXISTS (SELECT FROM sessions
                      WHERE sessions.datname = pg_database.datname AND sessions.state = states.state)
"""

COLLECTOR = Collector("stat_activity", lambda server: SQL, columns(len(LABELS), (COUNT, MAX_TX)))
