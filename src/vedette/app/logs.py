"""Log lines as JSON objects, one a line, with the fields that log queries ask for.

{"timestamp": "2026-11-23T15:29:31.512Z", "level": "info", "message": "GET /orders 200", "service": "shop",
 "method": "GET", "endpoint": "/orders/{id}", "path": "/orders/7", "status": 200, "duration": 12.3,
 "db_duration": 8.1, "request_id": "..."}

Durations are milliseconds, as numbers.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vedette.app.context import current_request, trace_ids

FIELDS = "app_fields"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", FIELDS}
LEVELS = {"WARNING": "warn"}


class JsonFormatter(logging.Formatter):
    """A record as one JSON object; what the caller gave as ``extra`` becomes fields."""

    def __init__(self, service: str = "", version: str = "") -> None:
        super().__init__()
        self._fixed = {key: value for key, value in (("service", service), ("version", version)) if value}

    def format(self, record: logging.LogRecord) -> str:
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Any] = {
            "timestamp": when.replace("+00:00", "Z"),
            "level": LEVELS.get(record.levelname, record.levelname.lower()),
            "message": record.getMessage(),
            "logger": record.name,
            **self._fixed,
        }
        fields |= {key: value for key, value in vars(record).items() if key not in STANDARD}
        fields |= getattr(record, FIELDS, {})
        context = current_request()
        if context is not None:
            fields.setdefault("request_id", context.request_id)
        trace, span = trace_ids(context)
        if trace:
            fields.setdefault("trace_id", trace)
            fields.setdefault("span_id", span)
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        try:
            return json.dumps(fields, default=str, ensure_ascii=False, allow_nan=False)
        except ValueError:  # a NaN or an object that holds itself: JSON has neither
            return json.dumps({key: str(value) for key, value in fields.items()}, ensure_ascii=False)


def setup_json_logging(
    log_file: str | Path | None = None, *, service: str = "", version: str = "", level: int = logging.INFO
) -> logging.Handler:
    """Sends the whole process's log lines as JSON to `log_file`, or to standard error.

    The file may be moved away by a log rotation: a new one is begun then.
    """
    handler: logging.Handler
    if log_file is None:
        handler = logging.StreamHandler(sys.stderr)
    else:
        path = Path(log_file)
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.WatchedFileHandler(path, encoding="utf-8")
    handler.setFormatter(JsonFormatter(service, version))
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h.formatter, JsonFormatter)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    if root.level == logging.NOTSET or root.level > level:
        root.setLevel(level)
    return handler
