"""Rows in batches: how they are cut, and who computes them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
Work = Callable[[int, int], T]

CORES = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Batching:
    """How rows are cut into batches and who computes them. No answer depends on it."""

    # Series read and computed at a time: enough to drown the cost of a call, few enough to stay in the cache.
    rows: int = 1024
    # The most cells (samples or steps, whichever a row has more of) of a batch: long rows come in smaller batches.
    cells: int = 1 << 17
    # Cells from which all cores take part: below, a second thread costs more than it brings.
    threads_from: float = 150_000
    # Whose threads they are: what waits for one pool does not wait for the others.
    pool: str = "promql"

    def bounds(self, rows: int, row_cells: int) -> list[tuple[int, int]]:
        """``(start, stop)`` of consecutive batches."""
        size = min(self.rows, max(1, self.cells // row_cells))
        return [(at, min(at + size, rows)) for at in range(0, rows, size)]


DEFAULT_BATCHING = Batching()

_pool_lock = threading.Lock()
_pools: dict[tuple[str, int], ThreadPoolExecutor] = {}
# The queries that are under way on all cores. Alone, a query's own thread computes beside the pool's: together they are
# one a core. With others it leaves that to the pool, so that scrapes and rules find their turn.
_under_way: set[object] = set()


def kernel_pool(name: str) -> ThreadPoolExecutor:
    """The threads that kernels run on beside the one that asks, together one a core; made again after a fork."""
    key = (name, os.getpid())
    pool = _pools.get(key)
    if pool is None:
        with _pool_lock:
            pool = _pools.get(key)
            if pool is None:
                pool = _pools[key] = ThreadPoolExecutor(max(1, CORES - 1), thread_name_prefix=name)
    return pool


class _Batch(Generic[T]):
    """One batch on its way: in the pool's queue, being computed, or done."""

    __slots__ = ("_bounds", "_result", "_work", "future", "here")

    def __init__(self, pool: ThreadPoolExecutor, work: Work[T], bounds: tuple[int, int]) -> None:
        self._work = work
        self._bounds = bounds
        self.here = False
        self._result: T | None = None
        self.future: Future[T] = pool.submit(work, *bounds)

    @property
    def ready(self) -> bool:
        return self.here or self.future.done()

    def take_over(self) -> bool:
        """Computes the batch here, unless somebody has begun."""
        if self.here or not self.future.cancel():
            return False
        self.here = True
        self._result = self._work(*self._bounds)
        return True

    def result(self) -> T:
        return self._result if self.here else self.future.result()  # type: ignore[return-value]


def on_all_cores(
    pool: ThreadPoolExecutor, bounds: Sequence[tuple[int, int]], work: Work[T], check: Callable[[], None]
) -> Iterator[T]:
    """`work(start, stop)` of every batch, results in order. `check` is asked between batches and may raise.

    Who asks works too when it is alone: while the next result is not there, it computes a batch that nobody has begun.
    """
    pending: list[_Batch[T]] = []
    coming = iter(bounds)
    called_off: list[Future[T]] = []
    _under_way.add(this := object())
    try:
        while True:
            for one in coming:
                pending.append(_Batch(pool, work, one))
                if len(pending) > CORES:
                    break
            if not pending:
                return
            while len(_under_way) == 1 and not pending[0].ready and any(one.take_over() for one in pending):
                check()
            check()
            batch = pending.pop(0)
            if batch.here:
                called_off.append(batch.future)
            yield batch.result()
            del batch
    finally:
        _under_way.discard(this)
        for batch in pending:
            batch.future.cancel()
            called_off.append(batch.future)
        # What runs now still reads, and what was called off still stands in the queue with all that it holds: both are
        # waited for, so that nothing is closed under them and nothing outlives the query.
        wait(called_off)
