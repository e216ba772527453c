"""A target's pages into the store.

`TargetSamples` keeps what must be remembered from one page to the next: the rows of known lines, and which series were
there, so that those that vanish get a stale marker. Lines seen before cost no Python object; only new ones are taken
apart, relabelled and named to the store.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vedette.algebra.distinct import distinct
from vedette.kernels.exposition import DROPPED, NEW, NO_TIME, Page
from vedette.metrics.contract import Appender, AppendStatus, Float64s, Int64s, Storage
from vedette.metrics.scrape.grammar import explain
from vedette.metrics.scrape.observed import ScrapeMetrics
from vedette.metrics.scrape.series import SeriesFault, SeriesRules, series_of
from vedette.model.labels import Labels
from vedette.model.time import MINUTE
from vedette.model.values import STALE_NAN

# Samples farther in the future are refused.
MOST_AHEAD = 10 * MINUTE
# A page that shows so many fewer lines than are remembered lets the others be forgotten.
_FORGET_BEYOND = 1000
# Metadata is shown for so many scrapes after its line was seen.
METADATA_PASSES = 10

Flags = npt.NDArray[np.bool_]
_NO_REFS: Int64s = np.zeros(0, dtype=np.int64)


class PageFault(Exception):
    """A page of which nothing is kept. `str()` says why."""


@dataclass(slots=True)
class Counts:
    """Series lines on a page, those left after relabelling, and those that are new."""

    total: int = 0
    added: int = 0
    new: int = 0


@dataclass(frozen=True, slots=True)
class ScrapeRules:
    """What a job wants done with the samples of a target."""

    series: SeriesRules
    honor_timestamps: bool = True
    track_timestamps_staleness: bool = False
    sample_limit: int = 0


@dataclass(slots=True)
class _Kept:
    rows: npt.NDArray[np.int32]
    refs: Int64s
    times: Int64s
    values: Float64s
    explicit: Flags = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    def where(self, mask: Flags) -> _Kept:
        return _Kept(
            self.rows[mask], self.refs[mask], self.times[mask], self.values[mask], self.explicit[mask]
        )


class TargetSamples:
    """Belongs to one target; pages are stored by one thread at a time."""

    def __init__(self, storage: Storage, rules: ScrapeRules, metrics: ScrapeMetrics) -> None:
        self._storage = storage
        self._rules = rules
        self._metrics = metrics
        self._page = Page()
        # The page moves its memory while it is read without the GIL: nobody may look at it then.
        self._page_lock = threading.Lock()
        self._known_metadata: list[bytes] = []
        self._syntax = 0
        self._present: Int64s = _NO_REFS  # references of the last page, in its order

    def metadata_lines(self) -> list[bytes]:
        """HELP, TYPE and UNIT lines of the last pages; those known before while a page is being read. From any thread."""
        if self._page_lock.acquire(blocking=False):
            try:
                self._known_metadata = self._page.metadata_lines(METADATA_PASSES)
            finally:
                self._page_lock.release()
        return self._known_metadata

    def adopt(self, before: TargetSamples) -> None:
        """Goes on where the samples of the same target under other rules stopped."""
        self._present = before._present

    def store(self, app: Appender, body: bytes, syntax: int, time: int, counts: Counts) -> None:
        """Adds a page's samples and the stale markers of what vanished. Fills `counts` even when it raises.

        Raises `PageFault`; the caller rolls back.
        """
        with self._page_lock:
            self._store(app, body, syntax, time, counts)

    def _store(self, app: Appender, body: bytes, syntax: int, time: int, counts: Counts) -> None:
        rules, page = self._rules, self._page
        self._syntax = syntax
        rows, values, times = page.scan(body, syntax, rules.honor_timestamps)
        counts.total = page.total
        kept = _Kept(rows, page.refs(rows), times, values)
        repeated = page.duplicates + self._name_new(app, kept, counts)
        if page.fault >= 0:
            counts.added = int((kept.refs >= 0).sum()) + repeated
            raise PageFault(explain(body, page.fault, syntax))
        explicit = times != NO_TIME
        kept.explicit = explicit
        kept.times = np.where(explicit, times, time) if page.any_time else np.full(len(times), time)
        if (kept.refs < 0).any():
            kept = kept.where(kept.refs >= 0)
        counts.added = len(kept.refs) + repeated
        self._metrics.duplicates(repeated)
        if rules.sample_limit and len(kept.refs) > rules.sample_limit:
            self._metrics.sample_limit_exceeded()
            raise PageFault("sample limit exceeded")
        if page.any_time:
            near = kept.times <= time + MOST_AHEAD
            self._metrics.out_of_bounds(int((~near).sum()))
            kept = kept.where(near)
        good = self._append(app, kept)
        tracked = good if rules.track_timestamps_staleness or not page.any_time else good & ~kept.explicit
        self._follow(app, kept.refs if tracked.all() else kept.refs[tracked], time)
        if len(page) > 2 * page.seen + _FORGET_BEYOND:
            page.forget_unseen()

    def _follow(self, app: Appender, refs: Int64s, time: int) -> None:
        """The series of this page; those of the last page that are not among them end."""
        if np.array_equal(refs, self._present):
            return
        gone = np.setdiff1d(self._present, refs)
        self._mark_stale(app, gone, time)
        self._present = refs

    def store_nothing(self, app: Appender, time: int) -> None:
        """Adds stale markers for everything that was on the last page."""
        self._mark_stale(app, distinct(self._present), time)
        self._present = _NO_REFS

    def _name_new(self, app: Appender, kept: _Kept, counts: Counts) -> int:
        """Gives new rows their references. Returns how many lines repeat a new series."""
        page, repeated = self._page, 0
        met: set[int] = set()
        for place in np.flatnonzero(kept.refs == NEW).tolist():
            row = int(kept.rows[place])
            ref = page.ref(row)
            if ref == NEW:
                try:
                    ref = self._reference(app, row)
                except SeriesFault as fault:
                    counts.total = place + 1
                    counts.added = int((kept.refs[:place] >= 0).sum())
                    if fault.limit:
                        self._metrics.label_limit_exceeded()
                    raise PageFault(str(fault)) from None
                page.set_ref(row, ref)
                counts.new += ref >= 0
            elif row in met and kept.times[place] == NO_TIME:
                repeated += ref >= 0
                ref = DROPPED
            met.add(row)
            kept.refs[place] = ref
        return repeated

    def _reference(self, app: Appender, row: int) -> int:
        page = self._page
        labels = series_of(page.line(row), self._syntax, page.row_type(row), self._rules.series)
        return DROPPED if labels is None else app.series(labels)

    def _append(self, app: Appender, kept: _Kept) -> Flags:
        """Adds samples; True where one was accepted."""
        statuses = app.append(kept.refs, kept.times, kept.values)
        good: Flags = statuses == AppendStatus.OK
        if good.all():
            return good
        lost = np.flatnonzero(statuses == AppendStatus.UNKNOWN_SERIES)
        if len(lost):
            for place in lost.tolist():
                row = int(kept.rows[place])
                ref = self._reference(app, row)
                self._page.set_ref(row, ref)
                kept.refs[place] = ref
            statuses[lost] = app.append(kept.refs[lost], kept.times[lost], kept.values[lost])
            good = statuses == AppendStatus.OK
        self._metrics.duplicates(int((statuses == AppendStatus.DUPLICATE).sum()))
        self._metrics.out_of_order(int((statuses == AppendStatus.OUT_OF_ORDER).sum()))
        self._metrics.out_of_bounds(int((statuses == AppendStatus.OUT_OF_BOUNDS).sum()))
        return good

    @staticmethod
    def _mark_stale(app: Appender, refs: Int64s, time: int) -> None:
        # A refusal is no news: the series may have been written by a target that took its place.
        if len(refs):
            app.append(refs, np.full(len(refs), time, dtype=np.int64), np.full(len(refs), STALE_NAN))


class ReportSeries:
    """The series that the role itself writes about a target: ``up`` and its sisters."""

    NAMES = (
        "up",
        "scrape_duration_seconds",
        "scrape_samples_scraped",
        "scrape_samples_post_metric_relabeling",
        "scrape_series_added",
    )
    EXTRA = ("scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes")

    def __init__(self, target: Labels, *, extra: bool) -> None:
        names = self.NAMES + (self.EXTRA if extra else ())
        self._labels = [target.with_({"__name__": name}) for name in names]
        self._refs: Int64s | None = None

    def write(self, app: Appender, time: int, values: list[float]) -> None:
        """One sample each, in the order of `NAMES` and `EXTRA`."""
        self._append(app, time, np.array(values[: len(self._labels)], dtype=np.float64))

    def write_stale(self, app: Appender, time: int) -> None:
        self._append(app, time, np.full(len(self._labels), STALE_NAN))

    def _append(self, app: Appender, time: int, values: Float64s) -> None:
        times = np.full(len(values), time, dtype=np.int64)
        if self._refs is not None:
            statuses = app.append(self._refs, times, values)
            if not (statuses == AppendStatus.UNKNOWN_SERIES).any():
                return
            lost = statuses == AppendStatus.UNKNOWN_SERIES
        else:
            lost = np.ones(len(values), dtype=np.bool_)
        self._refs = np.array([app.series(labels) for labels in self._labels], dtype=np.int64)
        app.append(self._refs[lost], times[lost], values[lost])
