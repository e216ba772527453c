"""``pg_stat_statements_*``: calls, time, rows and block times of the statements that took the most time.

Off by default in the original, on here: it costs one query, and says nothing where the extension isn't installed.
"""

from __future__ import annotations

from vedette.exporters.collector import NoData
from vedette.exporters.page import Family, Page
from vedette.exporters.postgres.collector import Collector, Rows, Server, literals, text

LABELS = ("user", "datname", "queryid")


def _counter(name: str, help: str) -> Family:
    return Family(f"pg_stat_statements_{name}_total", "counter", help, LABELS)


FAMILIES = (
    _counter("calls", "Number of times executed"),
    _counter("seconds", "Total time spent in the statement, in seconds"),
    _counter("rows", "Total number of rows retrieved or affected by the statement"),
    _counter("block_read_seconds", "Total time the statement spent reading blocks, in seconds"),
    _counter("block_write_seconds", "Total time the statement spent writing blocks, in seconds"),
)
QUERY = Family("pg_stat_statements_query_id", "counter", "SQL Query to queryid mapping", ("queryid", "query"))


def sql(server: Server) -> str:
    if "pg_stat_statements" not in server.extensions:
        raise NoData("the extension pg_stat_statements is not installed in this database")
    choices = server.choices
    blocks = "shared_blk" if server.major >= 17 else "blk"
    query = (
        f"min(left(query, {int(choices.statements_query_length)}))" if choices.statements_query else "NULL"
    )
    but = ""
    if choices.statements_exclude_databases:
        but += f" AND datname NOT IN ({literals(choices.statements_exclude_databases)})"
    if choices.statements_exclude_users:
        but += f" AND pg_get_userbyid(userid) NOT IN ({literals(choices.statements_exclude_users)})"
    # A statement stands there twice when it ran both by itself and inside a function.
    return f"""
        SELECT pg_get_userbyid(userid)::text, datname::text, queryid::text, sum(calls),
               sum(total_exec_time) / 1000, sum(rows), sum({blocks}_read_time) / 1000,
               sum({blocks}_write_time) / 1000, {query}
        FROM pg_stat_statements
        JOIN pg_database ON pg_database.oid = dbid
        WHERE queryid IS NOT NULL{but}
        GROUP BY userid, datname, queryid
        ORDER BY 5 DESC
        LIMIT {int(choices.statements_limit)}
    """


def describe(page: Page, rows: Rows, server: Server) -> None:
    texts: dict[str, str] = {}
    for user, datname, queryid, *values, query in rows:
        for family, value in zip(FAMILIES, values, strict=True):
            page.add(family, value or 0, text(user), text(datname), queryid)
        if query is not None:
            texts.setdefault(queryid, query)
    for queryid, query in texts.items():
        page.add(QUERY, 1, queryid, query)


COLLECTOR = Collector("stat_statements", sql, describe)
