"""What the metrics store promises to everyone above it: scraping, rules, PromQL, the API, remote protocols.

- Times are milliseconds since the epoch, ``int``. Bounds ``mint`` and ``maxt`` are both inclusive.
- A series is named by its `Labels`; inside the store by a *reference*, an ``int`` that stays valid until the series
  is dropped from the head. A dropped reference is refused with `AppendStatus.UNKNOWN_SERIES`, and the caller asks
  for a new one.
- Samples of a series come out in time order, without duplicates. The stale marker (`vedette.model.values.STALE_NAN`)
  comes out like any sample; who reads it gives it its meaning.
- What one `Appender.commit` wrote becomes visible at once and whole. When `commit` has returned, the samples survive
  the death of the process.
- Every method may be called from any thread; an `Appender` and a `Querier` belong to one thread at a time.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vedette.algebra.table import LabelTable, Symbols
from vedette.model.labels import Labels, Matcher

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Statuses = npt.NDArray[np.uint8]


class StorageError(Exception):
    """The store can't answer or accept: closed, corrupt, disk full. `str()` is for the user."""


class AppendStatus(enum.IntEnum):
    """What became of one sample."""

    OK = 0
    OUT_OF_ORDER = 1  # older than the newest sample of its series, and no out-of-order window
    DUPLICATE = 2  # same time as the newest sample, another value (the same value is OK and stored once)
    OUT_OF_BOUNDS = 3  # older than the head accepts
    UNKNOWN_SERIES = 4  # the reference is no longer valid


@dataclass(slots=True)
class SampleBatch:
    """Decoded samples of consecutive series.

    Series `i` owns the half-open range ``offsets[i]:offsets[i + 1]`` of the flat columns.
    """

    offsets: Int64s  # [series + 1]
    timestamps: Int64s  # [samples], milliseconds
    values: Float64s  # [samples]; undefined where a histogram stands
    histograms: Sequence[Any] | None = None  # [samples], None entries where a float stands; None: floats only
    starts: Int64s | None = None  # [samples], ms at which each counter began, 0: unknown; None: none is known


class Selection(Protocol):
    """The series that some matchers chose. The order of rows is stable, and otherwise not promised."""

    @property
    def table(self) -> LabelTable: ...

    def read(self, start: int, stop: int, mint: int, maxt: int) -> SampleBatch:
        """Samples of rows ``start:stop`` with ``mint <= t <= maxt``. May be called from several threads at once."""
        ...


class Querier(Protocol):
    """A consistent view: samples committed before it was made, and none half."""

    def select(
        self, matchers: Sequence[Matcher], mint: int, maxt: int, check: Callable[[], None] = ...
    ) -> Selection:
        """Series that satisfy every matcher and may have samples in the range.

        `check` is called now and then while a search takes long, and may raise to end it.
        """
        ...

    def estimate(self, matchers: Sequence[Matcher], mint: int, maxt: int) -> int:
        """About as many series as `select` would find, from the index alone."""
        ...

    def label_names(self, matchers: Sequence[Matcher] = (), limit: int = 0) -> list[str]:
        """Sorted names of labels of matching series with data in the querier's range; 0 = no limit."""
        ...

    def label_values(self, name: str, matchers: Sequence[Matcher] = (), limit: int = 0) -> list[str]: ...

    def close(self) -> None: ...

    def __enter__(self) -> Querier: ...

    def __exit__(self, *exc: object) -> None: ...


class Appender(Protocol):
    """A batch of samples that is written as one, or not at all."""

    def series(self, labels: Labels) -> int:
        """The reference of a series, which is created when new."""
        ...

    def append(self, refs: Int64s, timestamps: Int64s, values: Float64s) -> Statuses:
        """Adds one sample a reference; refused samples are left out, accepted ones wait for `commit`."""
        ...

    def commit(self) -> None:
        """Makes the batch durable and visible. Raises `StorageError` (nothing of the batch is visible then)."""
        ...

    def rollback(self) -> None: ...


class Storage(Protocol):
    @property
    def symbols(self) -> Symbols:
        """The interned values that every `LabelTable` of this store uses."""
        ...

    def appender(self) -> Appender: ...

    def querier(self, mint: int, maxt: int) -> Querier: ...
