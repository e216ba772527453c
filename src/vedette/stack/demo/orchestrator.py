"""The demo's application: "automation-orchestrator", a FastAPI service on PostgreSQL and Redis, watched by `vedette.app`.

    python -m vedette.stack.demo.orchestrator --listen 127.0.0.1:8000 --log-file app.log --conditions conditions.json

Connections come from DATABASE_URL and REDIS_URL. What the conditions file says is broken, it really does badly.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import random
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
import redis.asyncio as aioredis
import uvicorn
from fastapi import FastAPI, HTTPException, Request
from redis.exceptions import RedisError

from vedette.app import database_timer, instrument
from vedette.stack.demo.conditions import Conditions, Kind
from vedette.stack.demo.pool import Pool

SERVICE = "automation-orchestrator"
VERSION = "1.0.0"
ERROR_SHARE = 0.35  # of the answers that are 500 while errors are broken
SLOW_QUERY_S = 1.4  # of a statement while latency is broken
SLOW_REPORT_S = 5.3

SCHEMA = """
    CREATE TABLE IF NOT EXISTS workflow (
        id serial PRIMARY KEY, name text NOT NULL, enabled boolean NOT NULL DEFAULT true
    );
    CREATE TABLE IF NOT EXISTS run (
        id bigserial PRIMARY KEY, workflow_id int NOT NULL REFERENCES workflow, state text NOT NULL,
        started timestamptz NOT NULL DEFAULT now(), seconds double precision
    );
    CREATE INDEX IF NOT EXISTS run_started ON run (started);
    INSERT INTO workflow (name) SELECT 'workflow ' || n FROM generate_series(1, 20) AS n
        WHERE NOT EXISTS (SELECT FROM workflow);
"""
KEPT_RUNS = 20_000

log = logging.getLogger("orchestrator")


class Orchestrator:
    """What the endpoints share."""

    def __init__(self, database: Pool, cache: aioredis.Redis, conditions: Conditions) -> None:
        self.database, self.cache, self.conditions = database, cache, conditions
        self._has_schema = False

    async def query(self, statement: str, *parameters: object, slow_s: float = SLOW_QUERY_S) -> list[Any]:
        """Rows of a statement; 503 without the database. Its time is the request's ``db_duration``."""
        with database_timer():
            try:
                async with self.database.connection() as connection:
                    if not self._has_schema:
                        await connection.execute(SCHEMA)
                        self._has_schema = True
                    if Kind.LATENCY in self.conditions:
                        await connection.execute("SELECT pg_sleep(%s)", [slow_s])
                    cursor = await connection.execute(statement.encode(), parameters)
                    return await cursor.fetchall() if cursor.description else []
            except (psycopg.OperationalError, OSError, TimeoutError) as error:
                log.error("database unavailable", extra={"reason": type(error).__name__})
                raise HTTPException(503, "database unavailable") from None

    async def remember(self, key: str, value: str) -> str | None:
        """What was under `key`, which now has `value`; 503 without Redis."""
        try:
            before = await self.cache.get(key)
            await self.cache.set(key, value, ex=300)
        except (RedisError, OSError) as error:
            log.error("cache unavailable", extra={"reason": type(error).__name__})
            raise HTTPException(503, "cache unavailable") from None
        return None if before is None else str(before)


def make_app(*, database_url: str, redis_url: str, log_file: Path | None, conditions_file: Path) -> FastAPI:
    conditions = Conditions(conditions_file)
    cache = aioredis.Redis.from_url(
        redis_url, decode_responses=True, socket_timeout=2, socket_connect_timeout=2
    )
    service = Orchestrator(Pool(database_url), cache, conditions)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        log.info("started")
        yield
        await service.database.close()
        await cache.aclose()
        log.info("stopped")

    app = FastAPI(title=SERVICE, version=VERSION, lifespan=lifespan)
    add_endpoints(app, service)
    return instrument(
        app,
        service=SERVICE,
        version=VERSION,
        database=service.database,
        redis=cache,
        log_file=log_file,
    )


def add_endpoints(app: FastAPI, service: Orchestrator) -> None:
    def maybe_fail() -> None:
        if Kind.ERRORS in service.conditions and random.random() < ERROR_SHARE:
            raise RuntimeError("the step's worker did not answer")

    @app.get("/")
    async def index() -> Mapping[str, str]:
        return {"service": SERVICE, "version": VERSION}

    @app.get("/fast")
    async def fast() -> Mapping[str, float]:
        maybe_fail()
        return {"time": time.time()}

    @app.get("/slow")
    async def slow() -> Mapping[str, float]:
        maybe_fail()
        seconds = random.uniform(0.7, 1.3)
        await asyncio.sleep(seconds)
        return {"seconds": seconds}

    @app.get("/failing")
    async def failing() -> None:
        log.error("step failed", extra={"step": "notify"})
        raise HTTPException(500, "step failed")

    @app.post("/login")
    async def login(request: Request) -> Mapping[str, str]:
        form = await request.json()
        user = str(form.get("user", ""))[:64]
        if form.get("password") != "correct":
            log.warning("auth_failed", extra={"user": user})
            raise HTTPException(401, "wrong user or password")
        await service.remember(f"session:{user}", str(time.time()))
        return {"user": user}

    @app.get("/workflows")
    async def workflows() -> list[Mapping[str, Any]]:
        maybe_fail()
        rows = await service.query("SELECT id, name FROM workflow WHERE enabled ORDER BY id")
        return [{"id": row[0], "name": row[1]} for row in rows]

    @app.get("/workflows/{workflow_id}")
    async def workflow(workflow_id: int) -> Mapping[str, Any]:
        maybe_fail()
        await service.remember(f"workflow:{workflow_id}", "seen")
        rows = await service.query(
            "SELECT name, count(run.id) FROM workflow LEFT JOIN run ON workflow_id = workflow.id"
            " WHERE workflow.id = %s GROUP BY name",
            workflow_id,
        )
        if not rows:
            raise HTTPException(404, "no such workflow")
        return {"id": workflow_id, "name": rows[0][0], "runs": rows[0][1]}

    @app.post("/workflows/{workflow_id}/run", status_code=201)
    async def start_run(workflow_id: int) -> Mapping[str, int]:
        maybe_fail()
        rows = await service.query(
            "INSERT INTO run (workflow_id, state, seconds) SELECT id, 'done', %s FROM workflow WHERE id = %s"
            " RETURNING id",
            random.expovariate(0.2),
            workflow_id,
        )
        if not rows:
            raise HTTPException(404, "no such workflow")
        run_id = int(rows[0][0])
        if run_id % 1000 == 0:
            await service.query("DELETE FROM run WHERE id < %s", run_id - KEPT_RUNS)
        return {"run": run_id}

    @app.get("/reports/daily")
    async def report() -> list[Mapping[str, Any]]:
        maybe_fail()
        rows = await service.query(
            "SELECT name, count(*), avg(seconds) FROM run JOIN workflow ON workflow_id = workflow.id"
            " WHERE started > now() - interval '1 day' GROUP BY name ORDER BY 2 DESC",
            slow_s=SLOW_REPORT_S,
        )
        return [{"name": row[0], "runs": row[1], "seconds": row[2]} for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description="the demo's application")
    parser.add_argument("--listen", default="127.0.0.1:8000")
    parser.add_argument("--log-file", type=Path)
    parser.add_argument("--conditions", type=Path, required=True)
    arguments = parser.parse_args()
    host, _, port = arguments.listen.rpartition(":")
    app = make_app(
        database_url=os.environ["DATABASE_URL"],
        redis_url=os.environ["REDIS_URL"],
        log_file=arguments.log_file,
        conditions_file=arguments.conditions,
    )
    uvicorn.run(
        app,
        host=host or "127.0.0.1",
        port=int(port),
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
        server_header=False,
    )


if __name__ == "__main__":
    main()
