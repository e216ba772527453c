"""Work on several parts of a selection at once. The kernels and the decompression run without the interpreter's lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# More would only wait for memory.
_MAX_WORKERS = 4
# So many parts are worked on one after the other first: most questions are answered by then.
_ALONE = 4


def ahead(work: Callable[[T], R], items: Sequence[T]) -> Generator[R, None, None]:
    """``map(work, items)`` in order, lazily; after the first few, the next ones are worked on in threads meanwhile.

    An exception of `work` comes out at its item. Closing the iterator ends the threads.
    """
    workers = min(_MAX_WORKERS, os.cpu_count() or 1)
    for item in items[:_ALONE]:
        yield work(item)
    rest = items[_ALONE:]
    if len(rest) < 2 or workers < 2:
        yield from map(work, rest)
        return
    pool = ThreadPoolExecutor(workers, thread_name_prefix="logs-part")
    try:
        running: list[Future[R]] = [pool.submit(work, item) for item in rest[:workers]]
        for item in rest[workers:]:
            done = running.pop(0).result()
            running.append(pool.submit(work, item))
            yield done
        for future in running:
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
