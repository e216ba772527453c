"""Stand-ins for the metrics, logs and alerts doors: the APIs' shapes over made-up data.

For tests of what asks those doors: the proxy, the status page, the web UI. Numbers follow a sine over the time
asked for, so that the same question has the same answer; silences and requests are kept and can be looked at.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

JOBS = ("api", "node")


def _ok(data: Any, **more: Any) -> Response:
    return JSONResponse({"status": "success", "data": data, **more})


@dataclass
class Seen:
    """What was asked: `(method, path, query or form)`."""

    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.requests]


async def _values(request: Request, seen: Seen) -> dict[str, str]:
    values = dict(request.query_params)
    if request.method == "POST":
        values |= dict(parse_qsl((await request.body()).decode()))
    seen.requests.append((request.method, request.url.path, values))
    seen.headers.append(dict(request.headers))
    return values


def metrics_door(seen: Seen | None = None) -> Starlette:
    """Answers every query with one series a job; a query with unbalanced parentheses is refused."""
    log = seen or Seen()

    def labels(job: str) -> dict[str, str]:
        return {"__name__": "demo_value", "job": job, "instance": f"{job}:9100"}

    def value(job: str, at: float) -> str:
        return f"{2 + math.sin(at / 300 + len(job)):.4f}"

    def refusal(query: str) -> Response | None:
        if query.count("(") == query.count(")"):
            return None
        return JSONResponse(
            {
                "status": "error",
                "errorType": "bad_data",
                "error": "1:1: parse error: unclosed left parenthesis",
            },
            400,
        )

    async def query_range(request: Request) -> Response:
        asked = await _values(request, log)
        refused = refusal(asked["query"])
        if refused:
            return refused
        start, end, step = (float(asked[name]) for name in ("start", "end", "step"))
        times = [start + i * step for i in range(int((end - start) / step) + 1)]
        result = (
            [{"metric": labels(job), "values": [[t, value(job, t)] for t in times]} for job in JOBS]
            if "empty" not in asked["query"]
            else []
        )
        return _ok({"resultType": "matrix", "result": result})

    async def query(request: Request) -> Response:
        asked = await _values(request, log)
        refused = refusal(asked["query"])
        if refused:
            return refused
        at = float(asked.get("time", time.time()))
        result = [{"metric": labels(job), "value": [at, value(job, at)]} for job in JOBS]
        return _ok({"resultType": "vector", "result": result}, warnings=["a warning from the door"])

    async def series(request: Request) -> Response:
        await _values(request, log)
        return _ok([labels(job) for job in JOBS])

    async def label_names(request: Request) -> Response:
        await _values(request, log)
        return _ok(["__name__", "instance", "job"])

    async def label_values(request: Request) -> Response:
        await _values(request, log)
        name = request.path_params["name"]
        return _ok({"__name__": ["demo_value", "http_requests_total", "up"], "job": list(JOBS)}.get(name, []))

    async def targets(request: Request) -> Response:
        await _values(request, log)
        active = [
            {
                "labels": {"job": job, "instance": f"{job}:9100"},
                "discoveredLabels": {"__address__": f"{job}:9100"},
                "scrapePool": job,
                "scrapeUrl": f"http://{job}:9100/metrics",
                "lastError": "" if job == "api" else "connection refused",
                "lastScrape": "2026-01-01T00:00:00Z",
                "lastScrapeDuration": 0.012,
                "health": "up" if job == "api" else "down",
                "scrapeInterval": "5s",
                "scrapeTimeout": "5s",
            }
            for job in JOBS
        ]
        return _ok({"activeTargets": active, "droppedTargets": []})

    async def rules(request: Request) -> Response:
        await _values(request, log)
        alert = {
            "labels": {"alertname": "NodeDown", "severity": "critical", "job": "node"},
            "annotations": {"summary": "node is down", "runbook_url": "https://example.com/node"},
            "state": "firing",
            "activeAt": "2026-01-01T00:00:00Z",
            "value": "0e+00",
        }
        group = {
            "name": "demo",
            "file": "alerts.yml",
            "interval": 15,
            "lastEvaluation": "2026-01-01T00:00:00Z",
            "evaluationTime": 0.001,
            "rules": [
                {
                    "type": "alerting",
                    "name": "NodeDown",
                    "query": 'up{job="node"} == 0',
                    "duration": 60,
                    "labels": {"severity": "critical"},
                    "annotations": {"summary": "{{ $labels.job }} is down"},
                    "health": "ok",
                    "state": "firing",
                    "alerts": [alert],
                },
                {
                    "type": "alerting",
                    "name": "Quiet",
                    "query": "vector(0) > 1",
                    "duration": 0,
                    "labels": {},
                    "annotations": {},
                    "health": "ok",
                    "state": "inactive",
                    "alerts": [],
                },
                {
                    "type": "recording",
                    "name": "job:broken:sum",
                    "query": "a / b",
                    "health": "err",
                    "lastError": "many-to-many matching not allowed",
                },
            ],
        }
        return _ok({"groups": [group]})

    async def config(request: Request) -> Response:
        await _values(request, log)
        return _ok({"yaml": "global:\n  scrape_interval: 7s\n"})

    async def build(request: Request) -> Response:
        return _ok({"version": "3.9.9-door"})

    async def ready(request: Request) -> Response:
        return PlainTextResponse("ready\n")

    async def slow(request: Request) -> Response:
        await asyncio.sleep(30)
        return PlainTextResponse("late")

    return Starlette(
        routes=[
            Route("/api/v1/query_range", query_range, methods=["GET", "POST"]),
            Route("/api/v1/query", query, methods=["GET", "POST"]),
            Route("/api/v1/series", series, methods=["GET", "POST"]),
            Route("/api/v1/labels", label_names, methods=["GET", "POST"]),
            Route("/api/v1/label/{name}/values", label_values),
            Route(
                "/api/v1/metadata", lambda request: _ok({"up": [{"type": "gauge", "help": "", "unit": ""}]})
            ),
            Route("/api/v1/targets", targets),
            Route("/api/v1/rules", rules),
            Route("/api/v1/status/config", config),
            Route("/api/v1/status/buildinfo", build),
            Route("/api/v1/slow", slow),
            Route("/-/ready", ready),
        ]
    )


_LINES = (
    '{"level":"info","msg":"request handled","status":200,"path":"/api/orders","user":{"id":7}}',
    'level=warn msg="slow query" duration=1.2s table=orders',
    '{"level":"error","msg":"database connection lost","status":500,"retry":true}',
    "2026-01-01 00:00:00 DEBUG cache miss for key user:42",
    "plain words without any level",
)


def logs_door(seen: Seen | None = None) -> Starlette:
    """A stream with a line every ten seconds; `|= "word"` filters; the tail sends four lines a second."""
    log = seen or Seen()
    stream = {"job": "api", "filename": "/var/log/api.log"}

    async def query_range(request: Request) -> Response:
        asked = await _values(request, log)
        query = asked["query"]
        if query.count("{") != query.count("}"):
            return PlainTextResponse("parse error at line 1, col 1: syntax error: unexpected $end", 400)
        start, end = int(asked["start"]) // 10**9, int(asked["end"]) // 10**9
        if not query.lstrip().startswith("{"):
            step = int(float(asked.get("step", "60").rstrip("s")))
            times = range(start, end + 1, max(1, step))
            result = [
                {
                    "metric": {"level": level},
                    "values": [[t, str(round(weight * (3 + 2 * math.sin(t / 200))))] for t in times],
                }
                for level, weight in (("info", 4), ("warn", 1), ("error", 0.6))
            ]
            return _ok({"resultType": "matrix", "result": result})
        words = re.findall(r'\|=\s*"([^"]*)"', query)
        values = [
            [str(second * 10**9 + 123_000_000), line]
            for second in range(end - end % 10, start, -10)
            for line in [_LINES[second // 10 % len(_LINES)]]
            if all(word in line for word in words)
        ]
        limit = int(asked.get("limit", "100"))
        return _ok(
            {"resultType": "streams", "result": [{"stream": stream, "values": values[:limit]}], "stats": {}}
        )

    async def label_names(request: Request) -> Response:
        await _values(request, log)
        return _ok(["filename", "job"])

    async def label_values(request: Request) -> Response:
        await _values(request, log)
        return _ok(
            {"job": ["api", "nginx"], "filename": ["/var/log/api.log"]}.get(request.path_params["name"], [])
        )

    async def series(request: Request) -> Response:
        await _values(request, log)
        return _ok([stream])

    async def tail(socket: WebSocket) -> None:
        await socket.accept()
        try:
            for number in range(100_000):
                line = _LINES[number % len(_LINES)]
                await socket.send_text(
                    json.dumps({"streams": [{"stream": stream, "values": [[str(time.time_ns()), line]]}]})
                )
                await asyncio.sleep(0.25)
        except (WebSocketDisconnect, RuntimeError):
            return

    async def ready(request: Request) -> Response:
        return PlainTextResponse("ready\n")

    async def build(request: Request) -> Response:
        return JSONResponse({"version": "3.8.8-door"})

    return Starlette(
        routes=[
            Route("/loki/api/v1/query_range", query_range, methods=["GET", "POST"]),
            Route("/loki/api/v1/query", query_range, methods=["GET", "POST"]),
            Route("/loki/api/v1/labels", label_names),
            Route("/loki/api/v1/label/{name}/values", label_values),
            Route("/loki/api/v1/series", series),
            Route("/loki/api/v1/status/buildinfo", build),
            Route("/ready", ready),
            WebSocketRoute("/loki/api/v1/tail", tail),
        ]
    )


@dataclass
class AlertsDoor:
    """One firing alert; silences are kept, and silence it when their matchers fit."""

    silences: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Starlette:
        async def alerts(request: Request) -> Response:
            labels = {"alertname": "NodeDown", "severity": "critical", "job": "node", "instance": "node:9100"}
            active = [s for s in self.silences if s["status"]["state"] == "active"]
            by = [s["id"] for s in active if all(labels.get(m["name"]) == m["value"] for m in s["matchers"])]
            return JSONResponse(
                [
                    {
                        "fingerprint": "f00",
                        "labels": labels,
                        "annotations": {"summary": "node is down", "description": "Nobody answers."},
                        "startsAt": "2026-01-01T00:00:00Z",
                        "endsAt": "2036-01-01T00:00:00Z",
                        "updatedAt": "2026-01-01T00:00:00Z",
                        "generatorURL": "",
                        "receivers": [{"name": "slack"}],
                        "status": {
                            "state": "suppressed" if by else "active",
                            "silencedBy": by,
                            "inhibitedBy": [],
                        },
                    }
                ]
            )

        async def silences(request: Request) -> Response:
            if request.method == "GET":
                return JSONResponse(self.silences)
            given = await request.json()
            if not given.get("matchers"):
                return JSONResponse("silence invalid: at least one matcher required", 400)
            identity = f"s{len(self.silences) + 1}"
            self.silences.append(
                {**given, "id": identity, "updatedAt": given["startsAt"], "status": {"state": "active"}}
            )
            return JSONResponse({"silenceID": identity})

        async def expire(request: Request) -> Response:
            for silence in self.silences:
                if silence["id"] == request.path_params["id"]:
                    silence["status"] = {"state": "expired"}
                    return Response(status_code=200)
            return Response(status_code=404)

        async def status(request: Request) -> Response:
            return JSONResponse({"versionInfo": {"version": "0.7.7-door"}, "cluster": {"status": "disabled"}})

        async def ready(request: Request) -> Response:
            return PlainTextResponse("OK")

        return Starlette(
            routes=[
                Route("/api/v2/alerts", alerts),
                Route("/api/v2/silences", silences, methods=["GET", "POST"]),
                Route("/api/v2/silence/{id}", expire, methods=["DELETE"]),
                Route("/api/v2/status", status),
                Route("/-/ready", ready),
            ]
        )
