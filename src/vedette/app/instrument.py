"""`instrument`: everything an application needs to be watched, in one call."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from prometheus_client import REGISTRY, CollectorRegistry

from vedette.app import vendors
from vedette.app.checks import Check, database_check, function_check, redis_check
from vedette.app.datadog import DatadogReporter
from vedette.app.health import Health
from vedette.app.logs import setup_json_logging
from vedette.app.metrics import http_metrics
from vedette.app.middleware import InstrumentMiddleware, Paths

A = TypeVar("A")


def instrument(
    app: A,
    *,
    service: str = "app",
    version: str = "",
    database: Any = None,
    redis: Any = None,
    checks: Mapping[str, Any] | None = None,
    log_file: str | Path | None = None,
    json_logs: bool = True,
    check_timeout_s: float = 2.0,
    paths: Paths | None = None,
    registry: CollectorRegistry = REGISTRY,
    env: Mapping[str, str] | None = None,
) -> A:
    """Adds health, metrics, access logs and error reporting to a FastAPI or Starlette application; returns it.

    Any other ASGI application comes back wrapped: serve what is returned. Call it before the application starts.

    `database`: a connection string, a pool, an engine, or a function that asks the database; `redis`: a URL, a client
    or a function. `checks` are further functions by name for ``/health/detailed``. `log_file` takes the process's
    log as JSON lines; without it they go to standard error, and with ``json_logs=False`` logging is left alone.
    """
    environment = os.environ if env is None else env
    if json_logs:
        setup_json_logging(log_file, service=service, version=version)
    vendors.start_sentry(environment, service=service, version=version)
    options: dict[str, Any] = {
        "routed": app,
        "health": Health(_all_checks(database, redis, checks), version=version, timeout_s=check_timeout_s),
        "registry": registry,
        "paths": paths or Paths(),
        "datadog": DatadogReporter(environment, http_metrics(registry).requests, service=service),
    }
    if hasattr(app, "add_middleware"):

        def make(inner: Any) -> InstrumentMiddleware:
            return InstrumentMiddleware(
                vendors.start_newrelic(environment, inner, service=service), **options
            )

        app.add_middleware(make)
        return app
    wrapped: Any = InstrumentMiddleware(vendors.start_newrelic(environment, app, service=service), **options)
    return wrapped  # type: ignore[no-any-return]


def _all_checks(database: Any, redis: Any, checks: Mapping[str, Any] | None) -> dict[str, Check]:
    all_: dict[str, Check] = {}
    if database is not None:
        all_["database"] = database_check(database)
    if redis is not None:
        all_["redis"] = redis_check(redis)
    return all_ | {name: function_check(function) for name, function in (checks or {}).items()}
