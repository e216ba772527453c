"""``queries.active``: the queries at work, in a file that outlives the process.

When a query brings the process down, the next start says which ones were at work. The file is the original's: a ``[``,
then `slots` entries of 1,000 bytes, each a JSON object with NUL bytes up to the comma that ends it, or all NUL when
nobody uses it. It is mapped into memory, so that the system writes it even for a process that was killed, and an entry
costs two copies and no system call.
"""

from __future__ import annotations

import mmap
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from vedette.config.log import get_logger
from vedette.web.errors import utf8

FILE_NAME = "queries.active"
ENTRY_SIZE = 1000

log = get_logger("metrics.active_queries")

_EMPTY = bytes(ENTRY_SIZE)


class ActiveQueries:
    """May be used from several threads. A query that finds no free entry runs unlisted."""

    def __init__(self, folder: Path, slots: int) -> None:
        """Tells of the queries of the last run, then begins anew. A file that can't be used is logged, and none kept."""
        self._map: mmap.mmap | None = None
        self._free = deque(1 + i * ENTRY_SIZE for i in range(slots))
        path, size = folder / FILE_NAME, 1 + slots * ENTRY_SIZE
        try:
            if unfinished := left_over(path):
                # The original's words, for those who look for them in logs.
                log.warning(
                    "These queries didn't finish in prometheus' last run:", queries=unfinished.decode()
                )
            with path.open("wb+") as file:
                file.truncate(size)
                self._map = mmap.mmap(file.fileno(), size)
        except OSError as error:
            log.error("no file for active queries", path=path, error=error.strerror)
            return
        self._map[0:1] = b"["

    @contextmanager
    def listed(self, query: str) -> Iterator[None]:
        """Lists the query while the block runs."""
        try:
            at = self._free.popleft()
        except IndexError:
            yield
            return
        self._write(at, entry(query, int(time.time())).ljust(ENTRY_SIZE - 1, b"\0") + b",")
        try:
            yield
        finally:
            self._write(at, _EMPTY)
            self._free.append(at)

    def _write(self, at: int, data: bytes) -> None:
        mapped = self._map
        if mapped is not None:
            mapped[at : at + ENTRY_SIZE] = data

    def close(self) -> None:
        """Call when no query runs any more."""
        if self._map is not None:
            mapped, self._map = self._map, None
            mapped.close()


def entry(query: str, seconds: int) -> bytes:
    """The JSON of one query, its text cut so that it fits."""
    text = utf8(query)[:ENTRY_SIZE]
    while True:
        data = orjson.dumps({"query": text, "timestamp_sec": seconds})
        excess = len(data) - (ENTRY_SIZE - 1)
        if excess <= 0:
            return data
        # A character is at most six bytes, of which at least this many have to go.
        text = text[: -max(1, excess // 6)]


def left_over(path: Path) -> bytes:
    """The entries that `path` still lists, as a JSON array; empty when there are none, or no file."""
    try:
        found = path.read_bytes().replace(b"\0", b"")
    except FileNotFoundError:
        return b""
    return found[:-1] + b"]" if len(found) > 1 else b""
