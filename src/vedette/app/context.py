"""The request under way: its id, its trace, the time it has spent in the database.

One object a request, in a context variable: endpoints that run in threads share it with the middleware.
"""

from __future__ import annotations

import re
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class RequestContext:
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    trace_id: str = ""
    span_id: str = ""
    database_seconds: float = 0.0
    used_database: bool = False


_current: ContextVar[RequestContext | None] = ContextVar("vedette_request", default=None)

# Ids that callers give are repeated in logs and headers: no spaces, no quotes, no end of line.
REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}.*", re.DOTALL)


def current_request() -> RequestContext | None:
    """The request that this code runs for; None outside of one."""
    return _current.get()


def begin(headers: Mapping[bytes, bytes]) -> RequestContext:
    """A context from a request's headers, made the current one."""
    context = RequestContext()
    given = headers.get(b"x-request-id", b"")
    if REQUEST_ID.fullmatch(given):
        context.request_id = given.decode()
    trace = TRACEPARENT.fullmatch(headers.get(b"traceparent", b""))
    if trace is not None and trace[1].strip(b"0") and trace[2].strip(b"0"):
        context.trace_id, context.span_id = trace[1].decode(), trace[2].decode()
    _current.set(context)
    return context


def trace_ids(context: RequestContext | None) -> tuple[str, str]:
    """(trace id, span id): OpenTelemetry's where the application uses it, else the caller's."""
    if "opentelemetry.trace" in sys.modules:
        span = sys.modules["opentelemetry.trace"].get_current_span().get_span_context()
        if span.is_valid:
            return f"{span.trace_id:032x}", f"{span.span_id:016x}"
    return (context.trace_id, context.span_id) if context is not None else ("", "")


def add_database_seconds(seconds: float) -> None:
    """Counts time as spent in the database by the current request; it becomes ``db_duration`` of its log line."""
    context = _current.get()
    if context is not None:
        context.database_seconds += seconds
        context.used_database = True


@contextmanager
def database_timer() -> Iterator[None]:
    """``with database_timer(): await connection.execute(...)``"""
    started = time.perf_counter()
    try:
        yield
    finally:
        add_database_seconds(time.perf_counter() - started)
