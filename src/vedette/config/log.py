"""Structured logs: one line an event on standard error, ``logfmt`` or JSON, fields by name."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_FIELDS = "vedette_fields"


class Logger:
    """Events of one component. Field values are shown as text; never pass a secret."""

    __slots__ = ("_log",)

    def __init__(self, component: str) -> None:
        self._log = logging.getLogger(f"vedette.{component}")

    def debug(self, message: str, **fields: Any) -> None:
        self._emit(logging.DEBUG, message, fields)

    def info(self, message: str, **fields: Any) -> None:
        self._emit(logging.INFO, message, fields)

    def warning(self, message: str, **fields: Any) -> None:
        self._emit(logging.WARNING, message, fields)

    def error(self, message: str, *, exc_info: bool | BaseException = False, **fields: Any) -> None:
        self._emit(logging.ERROR, message, fields, exc_info)

    def _emit(self, level: int, message: str, fields: dict[str, Any], exc_info: Any = None) -> None:
        if self._log.isEnabledFor(level):
            self._log.log(level, message, extra={_FIELDS: fields}, exc_info=exc_info or None)


def get_logger(component: str) -> Logger:
    """The logger of a component, e.g. ``metrics.scrape``."""
    return Logger(component)


def setup_logging(level: str = "info", format: str = "logfmt") -> None:
    """Sends every log line of the process to standard error. `level`: debug, info, warn(ing), error."""
    names = {
        "debug": logging.DEBUG,
        "info": logging.INFO,
        "warn": logging.WARNING,
        "warning": logging.WARNING,
    }
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if format == "json" else _Logfmt())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("vedette").setLevel(names.get(level, logging.ERROR))


def _record_fields(record: logging.LogRecord) -> dict[str, Any]:
    when = (
        datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
    level = {"WARNING": "warn"}.get(record.levelname, record.levelname.lower())
    fields: dict[str, Any] = {"ts": when, "level": level, "component": record.name.removeprefix("vedette.")}
    fields["msg"] = record.getMessage()
    fields.update(getattr(record, _FIELDS, {}))
    if record.exc_info:
        fields["exception"] = logging.Formatter().formatException(record.exc_info)
    return fields


class _Logfmt(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return " ".join(f"{key}={_logfmt_value(value)}" for key, value in _record_fields(record).items())


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_record_fields(record), default=str, ensure_ascii=False)


def _logfmt_value(value: Any) -> str:
    text = str(value)
    if text and not any(c in ' "=\n\r\t' or c < " " for c in text):
        return text
    return json.dumps(text, ensure_ascii=False)
