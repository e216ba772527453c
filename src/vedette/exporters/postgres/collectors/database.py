"""``pg_database_*``: size and connection limit of every database that accepts connections."""

from __future__ import annotations

from vedette.exporters.page import Family
from vedette.exporters.postgres.collector import Collector, Server, columns, literals

SIZE = Family("pg_database_size_bytes", "gauge", "Disk space used by the database", ("datname",))
LIMIT = Family("pg_database_connection_limit", "gauge", "Connection limit set for the database", ("datname",))


def sql(server: Server) -> str:
    excluded = server.choices.exclude_databases
    but = f" AND datname NOT IN ({literals(excluded)})" if excluded else ""
    # pg_database_size() refuses a database that we may not connect to, and with it the whole query.
    return f"""
        SELECT datname, pg_database_size(oid), datconnlimit
        FROM pg_database
        WHERE datallowconn AND NOT datistemplate{but}
          AND (has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'MEMBER'))
    """


COLLECTOR = Collector("database", sql, columns(1, (SIZE, LIMIT)))
