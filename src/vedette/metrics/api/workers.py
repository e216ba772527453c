"""Threads for requests that read the store, apart from those that scrape and evaluate rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from vedette.metrics.contract import StorageError
from vedette.web.errors import ApiError

T = TypeVar("T")


class Workers:
    """At most `count` requests at work; the rest wait in order."""

    def __init__(self, count: int) -> None:
        self.executor = ThreadPoolExecutor(count, thread_name_prefix="query")

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work` in a thread. A `StorageError` becomes the API's ``internal`` error."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self.executor, work)
        except StorageError as error:
            raise ApiError(500, "internal", str(error)) from None

    def close(self) -> None:
        self.executor.shutdown(wait=True, cancel_futures=True)
