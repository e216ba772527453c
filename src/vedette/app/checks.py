"""Questions to what an application depends on: whatever it uses as database or Redis becomes an async check.

A check never blocks the event loop, and ends in time. Its failure is told in words that name no host, user or secret.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from typing import Any

Check = Callable[[], Awaitable[None]]


class CheckFailed(Exception):
    """The dependency answered, but not as it should. `str()` is shown to everyone."""


def database_check(database: Any) -> Check:
    """A check for a connection string, a pool (psycopg, asyncpg), an engine (SQLAlchemy) or a function.

    Raises `TypeError` for anything else.
    """
    if isinstance(database, str):
        return _postgres_check(database)
    if callable(database) and not hasattr(database, "connect"):
        return function_check(database)
    if hasattr(database, "sync_engine"):  # SQLAlchemy, asynchronous
        return _pool_check(database.connect, "exec_driver_sql")
    if hasattr(database, "connection"):  # psycopg_pool
        return _pool_check(database.connection, "execute")
    if hasattr(database, "acquire"):  # asyncpg
        return _pool_check(database.acquire, "execute")
    if hasattr(database, "connect"):  # SQLAlchemy

        def ask() -> None:
            with database.connect() as connection:
                connection.exec_driver_sql("SELECT 1")

        return _in_thread(ask)
    raise TypeError(f"database: no check for a {type(database).__name__}; give a function that asks it")


def redis_check(redis: Any) -> Check:
    """A check for a URL, a client (redis-py, valkey) or a function. Raises `TypeError` for anything else."""
    if isinstance(redis, str):
        return _redis_url_check(redis)
    if hasattr(redis, "ping"):
        return function_check(redis.ping)
    if callable(redis):
        return function_check(redis)
    raise TypeError(f"redis: no check for a {type(redis).__name__}; give a function that asks it")


def function_check(function: Callable[[], Any]) -> Check:
    """A check from a function, asynchronous or not. Returning False means: not well."""
    asynchronous = inspect.iscoroutinefunction(function) or "asyncio" in getattr(
        type(getattr(function, "__self__", None)), "__module__", ""
    )
    if not asynchronous:
        return _in_thread(lambda: _verdict(function()))

    async def ask() -> None:
        result = function()
        _verdict(await result if inspect.isawaitable(result) else result)

    return ask


def _verdict(result: Any) -> None:
    if result is False:
        raise CheckFailed("check says no")


def _pool_check(lend: Callable[[], Any], execute: str) -> Check:
    """For a pool that lends connections by ``async with``."""

    async def ask() -> None:
        async with lend() as connection:
            await getattr(connection, execute)("SELECT 1")

    return ask


def _postgres_check(dsn: str) -> Check:
    async def ask() -> None:
        from psycopg import AsyncConnection

        async with await AsyncConnection.connect(dsn, autocommit=True, connect_timeout=5) as connection:
            await connection.execute("SELECT 1")

    return ask


def _redis_url_check(url: str) -> Check:
    client: Any = None

    async def ask() -> None:
        nonlocal client
        if client is None:
            from redis.asyncio import Redis

            client = Redis.from_url(url)
        await client.ping()

    return ask


def _in_thread(ask: Callable[[], None]) -> Check:
    """In a daemon thread of its own, one at a time: one that hangs holds up neither the loop nor the exit."""
    busy = threading.Lock()

    async def run() -> None:
        if not busy.acquire(blocking=False):
            raise TimeoutError
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def settle(error: BaseException | None) -> None:
            if not done.done():
                if error is None:
                    done.set_result(None)
                else:
                    done.set_exception(error)

        def work() -> None:
            error: BaseException | None = None
            try:
                ask()
            except Exception as failure:
                error = failure
            finally:
                busy.release()
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, error)

        threading.Thread(target=work, name="health check", daemon=True).start()
        await done

    return run


def words(error: BaseException) -> str:
    """Why a check failed, without anything of the error's own text: that may name hosts and users."""
    if isinstance(error, CheckFailed):
        return str(error)
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"TimeoutError", "PoolTimeout", "ConnectionTimeout"}:
        return "timeout"
    if names & {"OSError", "ConnectionError", "OperationalError", "InterfaceError"}:
        return "connection failed"
    return f"check failed ({type(error).__name__})"
