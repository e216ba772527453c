"""``scrape_failure_log_file``: a line of JSON for every scrape that failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import IO

import orjson

from vedette.config.log import get_logger
from vedette.metrics.scrape.target import Target

_log = get_logger("metrics.scrape")


class FailureLog:
    """Appends to one file; a file that can't be written is told once and then left alone."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: IO[bytes] | None = None
        self._broken = False

    def write(self, target: Target, error: str) -> None:
        if self._broken:
            return
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": "ERROR",
            "msg": error,
            "job_name": target.job,
            "target": target.url,
        }
        try:
            if self._file is None:
                self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115 (kept open for the next line)
            self._file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        except OSError as failure:
            self._broken = True
            _log.error("Writing scrape_failure_log_file failed", file=self.path, err=failure)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
