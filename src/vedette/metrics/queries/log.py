"""``global.query_log_file``: a JSON line for each query that was evaluated."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from vedette.config.log import get_logger
from vedette.metrics.queries.asked import Asked, Origin
from vedette.metrics.queries.observed import QueryMetrics
from vedette.model.time import format_rfc3339
from vedette.web.errors import utf8

log = get_logger("metrics.query_log")


class QueryLog:
    """May be written to from several threads. Without a file it is off."""

    def __init__(self, metrics: QueryMetrics) -> None:
        self._path = ""
        self._file: BinaryIO | None = None
        self._lock = threading.Lock()
        self._metrics = metrics

    @property
    def is_on(self) -> bool:
        return self._file is not None

    def use(self, path: str) -> None:
        """Appends to this file from now on; an empty path is none. One that can't be opened is logged and left."""
        with self._lock:
            if path == self._path and (not path or Path(path).exists()):
                return
            if self._file is not None:
                self._file.close()
            self._path, self._file = path, None
            if path:
                try:
                    self._file = Path(path).open("ab", buffering=0)  # noqa: SIM115, kept open
                except OSError as error:
                    log.error("query log can't be opened", path=path, error=error.strerror)
            self._metrics.log_enabled.set(self._file is not None)

    def write(
        self, asked: Asked, stats: Mapping[str, Any], origin: Origin, *, error: str | None = None
    ) -> None:
        """`stats` as `vedette.metrics.queries.stats.show_stats` gives them."""
        if self._file is None:
            return
        now = format_rfc3339(time.time_ns(), digits=3)
        # `time`, `level` and `msg` are 3.x; `ts` is what readers of 2.x logs look for.
        head = {"time": now, "level": "INFO", "msg": "promql query logged", "ts": now}
        params = asked.to_json() | {"query": utf8(asked.query)}
        failed = {} if error is None else {"error": utf8(error)}
        line = orjson.dumps(head | {"params": params} | failed | {"stats": stats} | dict(origin)) + b"\n"
        with self._lock:
            if self._file is not None:
                try:
                    self._file.write(line)
                except OSError as fault:
                    self._metrics.log_failures.inc()
                    log.error("query log can't be written", path=self._path, error=fault.strerror)
