"""Sentry, New Relic and Datadog: silent when not asked for, real when asked."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from vedette.app.datadog import DatadogReporter, growth, read_counter
from vedette.app.metrics import http_metrics
from vedette.app.vendors import start_newrelic, start_sentry


class Sink(ThreadingHTTPServer):
    """A vendor's door: keeps what it is sent."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes, dict[str, str]]] = []
        self.arrived = threading.Event()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                encoding = self.headers.get("Content-Encoding", "")
                if encoding == "gzip":
                    body = gzip.decompress(body)
                elif encoding == "deflate":
                    body = zlib.decompress(body)
                sink.received.append((self.path, body, dict(self.headers)))
                sink.arrived.set()
                self.send_response(202)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"errors": []}')

            def log_message(self, format: str, *args: Any) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink
        sink.shutdown()


def test_silent_without_variables(caplog: pytest.LogCaptureFixture) -> None:
    app = object()
    with caplog.at_level(logging.DEBUG):
        assert start_sentry({}, service="x", version="1") is False
        assert start_newrelic({}, app, service="x") is app
        reporter = DatadogReporter({}, http_metrics(CollectorRegistry()).requests, service="x")
        reporter.start()
        assert reporter._thread is None
        reporter.stop()
    assert not caplog.records


def test_silent_without_packages(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    for package in ("sentry_sdk", "newrelic", "newrelic.agent", "datadog_api_client"):
        monkeypatch.setitem(sys.modules, package, None)
    app = object()
    with caplog.at_level(logging.INFO):
        assert start_sentry({"SENTRY_DSN": "https://k@sentry.example/1"}, service="x", version="1") is False
        assert start_newrelic({"NEW_RELIC_LICENSE_KEY": "k"}, app, service="x") is app
        reporter = DatadogReporter(
            {"DATADOG_API_KEY": "k"}, http_metrics(CollectorRegistry()).requests, service="x", every_s=0.01
        )
        reporter.start()
        reporter.stop()
    assert not caplog.records


def test_settings_that_are_refused_do_not_stop_the_application(caplog: pytest.LogCaptureFixture) -> None:
    assert start_sentry({"SENTRY_DSN": "hush-no-dsn"}, service="x", version="1") is False
    assert "hush" not in caplog.text and "Sentry is off" in caplog.text


SENTRY = """
import asyncio, sys
sys.path.insert(0, "tests")
from fastapi import FastAPI
from support.asgi import ask
from vedette.app import instrument

app = FastAPI()
@app.get("/broken")
async def broken(): raise RuntimeError("told to sentry")
instrument(app, service="orchestrator", version="1.0.0", json_logs=False)
try:
    asyncio.run(ask(app, "/broken"))
except RuntimeError:
    pass
import sentry_sdk
sentry_sdk.flush(5)
"""


@pytest.mark.slow
def test_sentry_gets_the_error(sink: Sink) -> None:
    pytest.importorskip("sentry_sdk")
    env = {
        "SENTRY_DSN": f"http://key@127.0.0.1:{sink.server_port}/7",
        "ENVIRONMENT": "staging",
        "SENTRY_TRACES_SAMPLE_RATE": "0",
        "PATH": "/usr/bin",
    }
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", SENTRY], env=env, check=True, cwd=root, timeout=60)
    bodies = [body.decode() for path, body, _ in sink.received if "/api/7/" in path]
    event = next(body for body in bodies if "told to sentry" in body)
    assert '"environment":"staging"' in event and '"release":"orchestrator@1.0.0"' in event


@pytest.mark.slow
def test_datadog_gets_what_was_added(sink: Sink) -> None:
    pytest.importorskip("datadog_api_client")
    requests = http_metrics(CollectorRegistry()).requests
    requests.labels("GET", "/x", "200").inc(5)
    env = {"DATADOG_API_KEY": "k", "DATADOG_HOST": f"http://127.0.0.1:{sink.server_port}"}
    reporter = DatadogReporter(env, requests, service="orchestrator", every_s=0.1)
    reporter.start()
    requests.labels("GET", "/x", "200").inc(2)
    assert sink.arrived.wait(30)
    reporter.stop()
    path, body, headers = sink.received[0]
    assert path == "/api/v2/series" and headers["DD-API-KEY"] == "k"
    (series,) = json.loads(body)["series"]
    assert series["metric"] == "http.requests" and series["points"][0]["value"] == 2
    assert set(series["tags"]) == {"service:orchestrator", "method:GET", "endpoint:/x", "status:200"}
    assert len(sink.received) == 1


def test_growth() -> None:
    counter = http_metrics(CollectorRegistry()).requests
    counter.labels("GET", "/x", "200").inc(2)
    before = read_counter(counter)
    counter.labels("GET", "/x", "200").inc()
    counter.labels("GET", "/y", "500").inc()
    assert growth(before, read_counter(counter)) == {("GET", "/x", "200"): 1, ("GET", "/y", "500"): 1}


@pytest.mark.slow
def test_newrelic_watches_the_application() -> None:
    pytest.importorskip("newrelic")
    code = """
import asyncio
from vedette.app.vendors import start_newrelic
async def app(scope, receive, send): ...
wrapped = start_newrelic({"NEW_RELIC_LICENSE_KEY": "k"}, app, service="x")
assert wrapped is not app, wrapped
"""
    env = {"NEW_RELIC_LICENSE_KEY": "k" * 40, "NEW_RELIC_DEVELOPER_MODE": "true", "PATH": "/usr/bin"}
    asyncio.run(asyncio.sleep(0))
    subprocess.run([sys.executable, "-c", code], env=env, check=True, timeout=60)
