"""What a PostgreSQL collector is: a query for a server's version, and what its rows mean on the page.

Reading happens on the event loop, through the one connection that is kept; `describe` runs in a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from vedette.exporters.page import Family, Page

Row = tuple[Any, ...]
Rows = Sequence[Row]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the user chose for collectors, under the original's flag names."""

    exclude_databases: tuple[str, ...] = ()
    statements_query: bool = True  # pg_stat_statements_query_id, with the text of the statement
    statements_query_length: int = 120  # characters of it
    statements_limit: int = 100
    statements_exclude_databases: tuple[str, ...] = ()
    statements_exclude_users: tuple[str, ...] = ()


@dataclass(frozen=True)
class Server:
    """The server at the other end, as it named itself when the connection was made."""

    address: str  # host:port
    version_num: int  # 180003
    version_text: str = ""
    extensions: frozenset[str] = frozenset()
    choices: Choices = field(default_factory=Choices)

    @property
    def major(self) -> int:
        return self.version_num // 10000

    @property
    def short_version(self) -> str:
        return f"{self.major}.{self.version_num % 10000}.0"


@dataclass(frozen=True)
class Collector:
    """`sql` gives the query for a server, or raises `NoData` when the server has no such view."""

    name: str
    sql: Callable[[Server], str]
    describe: Callable[[Page, Rows, Server], None]
    default: bool = True


def columns(labels: int, families: Sequence[Family]) -> Callable[[Page, Rows, Server], None]:
    """Rows of `labels` label columns, then one column a family. NULL is an empty label, or 0."""

    def describe(page: Page, rows: Rows, server: Server) -> None:
        for row in rows:
            values = [text(value) for value in row[:labels]]
            for family, value in zip(families, row[labels:], strict=True):
                page.add(family, value or 0, *values)

    return describe


def text(value: Any) -> str:
    """A column as a label value."""
    return "" if value is None else str(value)


def literals(words: Sequence[str]) -> str:
    """Words as a list of SQL string literals."""
    return ", ".join("'" + word.replace("'", "''") + "'" for word in words)
