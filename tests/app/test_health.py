"""Health: what is asked, how long it may take, and what strangers are told."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from support.asgi import Answer, ask
from vedette.app import instrument
from vedette.app.checks import CheckFailed, words


def app_with(**options: Any) -> FastAPI:
    app = FastAPI()
    return instrument(app, registry=CollectorRegistry(), env={}, json_logs=False, version="2.1", **options)


def detailed(**options: Any) -> Answer:
    return asyncio.run(ask(app_with(**options), "/health/detailed"))


async def fine() -> None:
    await asyncio.sleep(0)


def test_basic() -> None:
    answer = asyncio.run(ask(app_with(database=fine), "/health"))
    assert answer.status_code == 200
    assert answer.json().keys() == {"status", "timestamp", "version"}
    assert (answer.json()["status"], answer.json()["version"]) == ("healthy", "2.1")


def test_detailed_has_the_guides_fields() -> None:
    answer = detailed(database=fine, redis=fine)
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() >= {"status", "database", "redis", "uptime", "memory_usage", "cpu_usage"}
    assert (body["status"], body["database"], body["redis"]) == ("healthy",) * 3
    assert body["uptime"] > 0 and body["memory_usage"] > 5 and body["cpu_usage"] >= 0


def test_what_is_not_there_is_not_missed() -> None:
    answer = detailed()
    assert answer.status_code == 200
    assert answer.json()["redis"] == "not configured"


def test_degraded_is_503_and_tells_no_secrets() -> None:
    async def refused() -> None:
        raise ConnectionRefusedError("connect to db.internal:5432 user=app password=hush failed")

    answer = detailed(database=refused, redis=fine, checks={"queue": lambda: False})
    assert answer.status_code == 503
    assert answer.json()["status"] == "degraded"
    assert answer.json()["database"] == "unhealthy: connection failed"
    assert answer.json()["queue"] == "unhealthy: check says no"
    assert "internal" not in answer.text and "hush" not in answer.text


def test_all_at_once_and_in_time() -> None:
    async def slow() -> None:
        await asyncio.sleep(0.2)

    async def hangs() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            await asyncio.sleep(30)

    started = time.monotonic()
    answer = detailed(database=slow, redis=slow, checks={"a": slow, "b": slow})
    assert time.monotonic() - started < 0.6
    assert answer.status_code == 200

    async def in_time() -> tuple[Answer, float]:
        started = time.monotonic()
        answer = await ask(app_with(database=hangs, redis=fine, check_timeout_s=0.1), "/health/detailed")
        seconds = time.monotonic() - started
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        return answer, seconds

    answer, seconds = asyncio.run(in_time())
    assert seconds < 1
    assert (answer.json()["database"], answer.json()["redis"]) == ("unhealthy: timeout", "healthy")


def test_the_event_loop_stays_free() -> None:
    """The guide's own answer slept a second in the loop."""
    blocked = threading.Event()

    def blocking() -> None:
        blocked.wait(5)

    async def check() -> list[float]:
        app = app_with(database=blocking, check_timeout_s=0.4)
        probe = asyncio.create_task(ask(app, "/health/detailed"))
        waits = []
        while not probe.done():
            started = time.monotonic()
            assert (await ask(app, "/health")).status_code == 200
            waits.append(time.monotonic() - started)
            await asyncio.sleep(0.02)
        assert probe.result().json()["database"] == "unhealthy: timeout"
        # A check that still hangs is not started a second time.
        before = threading.active_count()
        assert (await ask(app, "/health/detailed")).json()["database"] == "unhealthy: timeout"
        assert threading.active_count() <= before
        return waits

    waits = asyncio.run(check())
    blocked.set()
    assert len(waits) >= 5 and max(waits) < 0.3


def test_probes_at_the_same_time_share_one_answer() -> None:
    asked = 0

    async def count() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)

    async def check() -> None:
        app = app_with(database=count)
        answers = await asyncio.gather(*(ask(app, "/health/detailed") for _ in range(10)))
        assert {answer.status_code for answer in answers} == {200}

    asyncio.run(check())
    assert asked == 1


class PsycopgPool:
    def __init__(self, asked: list[str]) -> None:
        self.asked = asked

    @asynccontextmanager
    async def connection(self) -> Any:
        yield self

    async def execute(self, query: str) -> None:
        self.asked.append(query)


class AsyncpgPool(PsycopgPool):
    connection = None  # type: ignore[assignment]

    @asynccontextmanager
    async def acquire(self) -> Any:
        yield self

    def __getattribute__(self, name: str) -> Any:
        if name == "connection":
            raise AttributeError(name)
        return super().__getattribute__(name)


class Engine:
    def __init__(self, asked: list[str]) -> None:
        self.asked = asked

    def connect(self) -> Any:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: Any) -> None: ...

    def exec_driver_sql(self, query: str) -> None:
        self.asked.append(query)


@pytest.mark.parametrize("make", [PsycopgPool, AsyncpgPool, Engine])
def test_databases(make: Callable[[list[str]], Any]) -> None:
    asked: list[str] = []
    assert detailed(database=make(asked)).json()["database"] == "healthy"
    assert asked == ["SELECT 1"]


def test_redis_clients() -> None:
    class Client:
        def ping(self) -> bool:
            return True

    assert detailed(redis=Client()).json()["redis"] == "healthy"
    assert detailed(redis="redis://user:hush@127.0.0.1:1/0").json()["redis"] == "unhealthy: connection failed"


def test_a_database_by_name() -> None:
    answer = detailed(database="postgresql://user:hush@127.0.0.1:1/x")
    assert answer.json()["database"] == "unhealthy: connection failed"
    assert "hush" not in answer.text


@pytest.mark.parametrize("what", ["database", "redis"])
def test_what_can_not_be_asked_is_refused_at_once(what: str) -> None:
    with pytest.raises(TypeError, match="give a function"):
        app_with(**{what: object()})


def test_words() -> None:
    class OperationalError(Exception): ...

    assert words(OperationalError("host db")) == "connection failed"
    assert words(KeyError("secret")) == "check failed (KeyError)"
    assert words(TimeoutError()) == "timeout"
    assert words(CheckFailed("two replicas missing")) == "two replicas missing"
