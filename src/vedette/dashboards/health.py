"""Is everything there: asks each role's own door whether it is ready, and the metrics role for its targets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
import orjson

from vedette.client.http import HttpClient
from vedette.dashboards.model.sources import DataSource

State = Literal["ready", "starting", "down"]
TIMEOUT_S = 3.0


@dataclass(frozen=True)
class Door:
    """A role to ask: where it says that it is ready, and where it says its version."""

    name: str
    title: str
    url: str
    ready_path: str
    version_path: str = ""
    headers: dict[str, str] = field(default_factory=dict, repr=False)


# What is known about each role's door: (title, readiness path, version path).
_KINDS = {
    "metrics": ("Metrics", "/-/ready", "/api/v1/status/buildinfo"),
    "alerts": ("Alerts", "/-/ready", "/api/v2/status"),
    "logs": ("Logs", "/ready", "/loki/api/v1/status/buildinfo"),
    "ship": ("Log shipping", "/ready", ""),
    "traces": ("Traces", "/", ""),
    "node": ("Node exporter", "/metrics", ""),
    "postgres": ("PostgreSQL exporter", "/metrics", ""),
    "redis": ("Redis exporter", "/metrics", ""),
    "containers": ("Container exporter", "/metrics", ""),
}


def door(name: str, url: str) -> Door:
    """The door of a role by its name; an unknown role is asked at `/-/ready`."""
    title, ready, version = _KINDS.get(name, (name.capitalize(), "/-/ready", ""))
    return Door(name, title, url.rstrip("/"), ready, version)


@dataclass(frozen=True)
class RoleHealth:
    """What one role answered."""

    name: str
    title: str
    address: str
    state: State
    version: str = ""
    latency_ms: float = 0.0
    message: str = ""


async def ask_all(client: HttpClient, doors: Sequence[Door]) -> list[RoleHealth]:
    """Asks every door at once; nothing here raises, and nothing takes longer than a few seconds."""
    return list(await asyncio.gather(*(_ask(client, one) for one in doors)))


async def _ask(client: HttpClient, one: Door) -> RoleHealth:
    started = time.perf_counter()
    try:
        async with client.request(
            "GET", one.url + one.ready_path, headers=one.headers, timeout_s=TIMEOUT_S
        ) as response:
            status = response.status
            text = "" if status < 300 else (await response.text())[:200].strip()
    except TimeoutError:
        return _answer(one, "down", message=f"no answer within {TIMEOUT_S:g} s")
    except (OSError, aiohttp.ClientError) as error:
        return _answer(one, "down", message=_why(error))
    latency = (time.perf_counter() - started) * 1000
    if status >= 300:
        state: State = "starting" if status == 503 else "down"
        return _answer(one, state, message=text or f"answered {status}", latency_ms=latency)
    version = await _version(client, one) if one.version_path else ""
    return _answer(one, "ready", version=version, latency_ms=latency)


def _answer(
    one: Door, state: State, *, version: str = "", latency_ms: float = 0.0, message: str = ""
) -> RoleHealth:
    return RoleHealth(one.name, one.title, one.url, state, version, round(latency_ms, 1), message)


def _why(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {error.host} is not known"
    if isinstance(error, aiohttp.ClientConnectorError):
        return (
            "nothing listens there"
            if isinstance(error.os_error, ConnectionRefusedError)
            else str(error.os_error)
        )
    return str(error) or type(error).__name__


async def _version(client: HttpClient, one: Door) -> str:
    try:
        async with client.request(
            "GET", one.url + one.version_path, headers=one.headers, timeout_s=TIMEOUT_S
        ) as response:
            answer = orjson.loads(await response.read())
    except (OSError, TimeoutError, aiohttp.ClientError, ValueError):
        return ""
    return _find_version(answer)


def _find_version(answer: Any) -> str:
    """`version` where each original puts it: at the top (Loki), in `data` (Prometheus), in `versionInfo`."""
    if not isinstance(answer, dict):
        return ""
    for place in (answer, answer.get("data"), answer.get("versionInfo")):
        if isinstance(place, dict) and isinstance(place.get("version"), str):
            return str(place["version"])
    return ""


async def target_summary(client: HttpClient, metrics: DataSource) -> dict[str, Any]:
    """`{"up", "down", "unknown", "failing": [...]}` of the metrics role's scrape targets, or `{"error": ...}`."""
    try:
        async with client.request(
            "GET", f"{metrics.url}/api/v1/targets?state=active", headers=metrics.headers, timeout_s=TIMEOUT_S
        ) as response:
            answer = orjson.loads(await response.read())
        active = answer["data"]["activeTargets"]
        counts = {"up": 0, "down": 0, "unknown": 0}
        failing = []
        for target in active:
            health = target.get("health", "unknown")
            counts[health] = counts.get(health, 0) + 1
            if health == "down":
                labels = target.get("labels", {})
                failing.append(
                    {
                        "pool": target.get("scrapePool", ""),
                        "instance": labels.get("instance", target.get("scrapeUrl", "")),
                        "error": target.get("lastError", ""),
                    }
                )
    except TimeoutError:
        return {"error": f"no answer within {TIMEOUT_S:g} s"}
    except (OSError, aiohttp.ClientError) as error:
        return {"error": _why(error)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"error": "the answer is not that of a Prometheus API"}
    return {**counts, "total": len(active), "failing": failing[:50]}
