"""A real FastAPI application, instrumented: its metrics and its log lines."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route

from support.asgi import Answer, ask
from support.exposition import PageFamily, parse_page
from vedette.app import database_timer, instrument


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


async def bare(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Service:
    """An application with what applications have: parameters, routers, mounts, faults, work in threads."""

    def __init__(self, log_file: Path, **options: Any) -> None:
        self.log_file = log_file
        self.registry = CollectorRegistry()
        self.app = FastAPI()
        router = APIRouter(prefix="/workflows")

        @router.get("/{workflow_id}")
        async def workflow(workflow_id: int) -> dict[str, int]:
            with database_timer():
                await asyncio.sleep(0.02)
            return {"id": workflow_id}

        @router.post("/", status_code=201)
        def create() -> dict[str, str]:
            with database_timer():
                time.sleep(0.01)
            return {}

        @self.app.get("/broken")
        async def broken() -> None:
            raise RuntimeError("no such luck")

        @self.app.get("/refused")
        async def refused() -> None:
            raise HTTPException(503, "later")

        @self.app.post("/login")
        async def login() -> None:
            logging.getLogger("orchestrator.auth").warning("auth_failed", extra={"user": "bob"})
            raise HTTPException(401, "no")

        @self.app.get("/stream")
        async def stream() -> StreamingResponse:
            return StreamingResponse(iter([b"a", b"b"]))

        async def tenant(request: Any) -> PlainTextResponse:
            return PlainTextResponse(request.path_params["name"])

        outer = APIRouter()
        outer.include_router(router)
        self.app.include_router(outer, prefix="/v1")
        self.app.mount("/static", bare)
        self.app.mount("/tenants/{tenant}", Starlette(routes=[Route("/items/{name}", tenant)]))
        instrument(
            self.app,
            service="orchestrator",
            version="1.0.0",
            registry=self.registry,
            log_file=log_file,
            env={},
            **options,
        )

    def get(self, path: str, **options: Any) -> Answer:
        return asyncio.run(ask(self.app, path, **options))

    def metrics(self) -> dict[str, PageFamily]:
        return parse_page(self.get("/metrics").text)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path / "logs/app.log")


def test_counts_and_durations_by_route_template(service: Service) -> None:
    for number in range(3):
        assert service.get(f"/v1/workflows/{number}").json() == {"id": number}
    assert service.get("/v1/workflows/", method="POST").status_code == 201
    families = service.metrics()
    requests = families["http_requests_total"]
    assert requests.labels == {"method", "endpoint", "status"}
    assert requests.value(method="GET", endpoint="/v1/workflows/{workflow_id}", status="200") == 3
    assert requests.value(method="POST", endpoint="/v1/workflows/", status="201") == 1
    seconds = families["http_request_duration_seconds"]
    assert seconds.labels == {"method", "endpoint"}
    labels = (("endpoint", "/v1/workflows/{workflow_id}"), ("method", "GET"))
    assert seconds.samples[("http_request_duration_seconds_count", labels)] == 3
    assert 0.06 < seconds.samples[("http_request_duration_seconds_sum", labels)] < 3
    assert families["http_requests_in_progress"].value(method="GET") == 1  # the one for /metrics
    assert {
        family: families[family].kind for family in ("http_requests_total", "http_requests_in_progress")
    } == {
        "http_requests_total": "counter",
        "http_requests_in_progress": "gauge",
    }


def test_a_first_error_is_seen_to_happen(service: Service) -> None:
    """rate() of a series that begins at 1 is 0: it must have been 0 before."""
    before = service.metrics()["http_requests_total"]
    for endpoint in ("/broken", "/refused", "/v1/workflows/{workflow_id}", "/tenants/{tenant}/items/{name}"):
        assert before.value(method="GET", endpoint=endpoint, status="500") == 0
        assert before.value(method="GET", endpoint=endpoint, status="503") == 0
    with pytest.raises(RuntimeError):
        service.get("/broken")
    assert service.get("/refused").status_code == 503
    after = service.metrics()["http_requests_total"]
    assert after.value(method="GET", endpoint="/broken", status="500") == 1
    assert after.value(method="GET", endpoint="/refused", status="503") == 1


def test_labels_are_bounded(service: Service) -> None:
    before = service.metrics()["http_requests_total"].samples
    for number in range(20):
        assert service.get(f"/wp-admin/{number}.php").status_code == 404
        assert service.get(f"/tenants/t{number}/items/i{number}").text == f"i{number}"
        service.get("/refused", method=f"FOO{number}")
        service.get(f"/tenants/t{number}/nothing")
        assert service.get(f"/static/{number}.css").status_code == 204
    requests = service.metrics()["http_requests_total"]
    assert requests.value(method="GET", endpoint="unmatched", status="404") == 40
    assert requests.value(method="GET", endpoint="/static", status="204") == 20
    assert requests.value(method="GET", endpoint="/tenants/{tenant}/items/{name}", status="200") == 20
    assert requests.value(method="OTHER", endpoint="/refused", status="405") == 20
    assert len(requests.samples) - len(before) <= 5


def test_a_line_a_request(service: Service) -> None:
    service.get("/v1/workflows/7", headers={"X-Request-ID": "req-1"})
    service.get("/health")
    service.get("/metrics")
    (line,) = service.lines()
    assert (
        line.items()
        >= {
            "level": "info",
            "message": "GET /v1/workflows/7 200",
            "service": "orchestrator",
            "version": "1.0.0",
            "method": "GET",
            "endpoint": "/v1/workflows/{workflow_id}",
            "path": "/v1/workflows/7",
            "status": 200,
            "request_id": "req-1",
        }.items()
    )
    assert 20 <= line["db_duration"] <= line["duration"] < 2000
    assert line["timestamp"].endswith("Z")


def test_the_guides_four_log_queries_have_what_they_ask_for(service: Service) -> None:
    with pytest.raises(RuntimeError):
        service.get("/broken")
    service.get("/login", method="POST", headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
    service.get("/v1/workflows/", method="POST")
    lines = service.lines()
    assert [line["path"] for line in lines if line.get("status", 0) >= 500] == ["/broken"]
    assert all(isinstance(line["duration"], float) for line in lines if "status" in line)
    (failed,) = [line for line in lines if "auth_failed" in line["message"]]
    assert (failed["user"], failed["level"], failed["trace_id"]) == ("bob", "warn", "a" * 32)
    login = next(line for line in lines if line.get("path") == "/login")
    assert login["request_id"] == failed["request_id"] and login["span_id"] == "b" * 16
    assert next(line for line in lines if line.get("path") == "/v1/workflows/")["db_duration"] >= 10
    broken = next(line for line in lines if line.get("path") == "/broken")
    assert broken["level"] == "error" and "no such luck" in broken["exception"]


def test_request_ids(service: Service) -> None:
    assert service.get("/stream", headers={"X-Request-ID": "abc"}).headers["x-request-id"] == "abc"
    bad = service.get("/stream", headers={"X-Request-ID": 'a"b\n'}).headers["x-request-id"]
    assert len(bad) == 32 and bad.isalnum()


def test_lines_survive_rotation_and_strange_values(service: Service) -> None:
    service.get("/stream")
    service.log_file.rename(service.log_file.with_suffix(".1"))
    logging.getLogger("x").error("odd %s", "value", extra={"ratio": float("nan"), "path": Path("/x")})
    (line,) = service.lines()
    assert (line["message"], line["ratio"], line["path"]) == ("odd value", "nan", "/x")


def test_starlette_and_bare_asgi() -> None:
    async def item(request: Any) -> PlainTextResponse:
        return PlainTextResponse("x")

    registry = CollectorRegistry()
    star = instrument(
        Starlette(routes=[Mount("/api", routes=[Route("/item/{id}", item)])]),
        registry=registry,
        env={},
        json_logs=False,
    )
    asyncio.run(ask(star, "/api/item/1"))
    requests = parse_page(asyncio.run(ask(star, "/metrics")).text)["http_requests_total"]
    assert requests.value(endpoint="/api/item/{id}", status="200", method="GET") == 1

    wrapped = instrument(bare, registry=CollectorRegistry(), env={}, json_logs=False)
    assert asyncio.run(ask(wrapped, "/anything")).status_code == 204
    requests = parse_page(asyncio.run(ask(wrapped, "/metrics")).text)["http_requests_total"]
    assert requests.value(endpoint="unmatched", status="204", method="GET") == 1


def test_the_default_registry_tells_of_the_process() -> None:
    app = instrument(FastAPI(), env={}, json_logs=False)
    answer = asyncio.run(ask(app, "/metrics"))
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = parse_page(answer.text)
    assert families["process_resident_memory_bytes"].value() > 1e6
    assert families["process_cpu_seconds_total"].value() > 0


MULTIPROCESS = """
import asyncio, os, sys
sys.path.insert(0, "tests")
from fastapi import FastAPI
from support.asgi import ask
from vedette.app import instrument

app = FastAPI()
@app.get("/x")
async def x(): return {}
instrument(app, env={}, json_logs=False)
asyncio.run(ask(app, "/x"))
if len(sys.argv) > 1:
    print(asyncio.run(ask(app, "/metrics")).text)
"""


@pytest.mark.slow
def test_workers_share_their_numbers(tmp_path: Path) -> None:
    env = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PATH": "/usr/bin"}
    root = Path(__file__).resolve().parents[2]
    run = [sys.executable, "-c", MULTIPROCESS]
    for _ in range(2):
        subprocess.run(run, env=env, check=True, cwd=root)
    text = subprocess.run(
        [*run, "show"], env=env, check=True, cwd=root, capture_output=True, text=True
    ).stdout
    requests = parse_page(text)["http_requests_total"]
    assert requests.value(method="GET", endpoint="/x", status="200") == 3


def test_importing_it_is_light() -> None:
    code = (
        "import sys, vedette.app; heavy = {'numpy', 'aiohttp', 'uvicorn', 'starlette', 'fastapi', 'pydantic', 'psycopg',"
        " 'redis', 'sentry_sdk', 'newrelic', 'datadog_api_client'} & set(sys.modules); assert not heavy, heavy;"
        " ours = [m for m in sys.modules if m.startswith('vedette.') and not m.startswith('vedette.app')];"
        " assert not ours, ours"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
