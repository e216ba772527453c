"""What the handlers share: the store, the limits in force, and the threads that queries run in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from vedette.logs.api.metrics import LogsMetrics
from vedette.logs.config import LogsConfig
from vedette.logs.ingest import Ingester
from vedette.logs.logql.syntax import LogQLError
from vedette.logs.store.store import LogStore
from vedette.logs.tailing import Tails
from vedette.web.errors import ApiError

T = TypeVar("T")
_TIMED_OUT = (
    "request timed out, decrease the duration of the request or add more label matchers (prefer exact match over "
    "regular expression match) to reduce the amount of data processed"
)


class Context:
    """One per role. `config` is replaced as a whole on reload."""

    def __init__(
        self,
        config: LogsConfig,
        store: LogStore,
        ingester: Ingester,
        tails: Tails,
        metrics: LogsMetrics,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.config = config
        self.store = store
        self.ingester = ingester
        self.tails = tails
        self.metrics = metrics
        self.clock = clock
        self.ready = False
        self.pool = ThreadPoolExecutor(config.query_limits.max_concurrent, thread_name_prefix="logs-query")
        self._waiting = 0
        self._closing = False

    async def query(self, work: Callable[[Callable[[], None]], T]) -> T:
        """Runs ``work(check)`` in a thread of the pool; `check` raises when its time is up or nobody waits any more.

        Raises `ApiError`.
        """
        limits = self.config.query_limits
        if self._waiting >= 64 * limits.max_concurrent:
            raise ApiError(429, "too_many_requests", "too many outstanding requests")
        deadline = time.monotonic() + limits.timeout_s
        gone = False

        def check() -> None:
            if self._closing:
                raise ApiError(503, "unavailable", "the server is shutting down")
            if gone or time.monotonic() > deadline:
                raise ApiError(504, "timeout", _TIMED_OUT)

        def run() -> T:
            check()
            return work(check)

        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, run)
        except LogQLError as error:
            raise ApiError(400, "bad_data", str(error)) from None
        except asyncio.CancelledError:
            gone = True
            raise
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Ends the queries under way at their next look at the clock."""
        self._closing = True
        self.pool.shutdown(wait=True, cancel_futures=True)
