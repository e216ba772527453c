"""How long lines are kept: one period, or others for streams that match."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from vedette.config.log import get_logger
from vedette.logs.store.store import LogStore
from vedette.model.labels import Labels, Matcher

log = get_logger("logs.retention")

FOREVER = 0


@dataclass(frozen=True, slots=True)
class StreamRetention:
    """`period_ns` for the streams that satisfy all `matchers`. The highest `priority` wins, then the shorter period."""

    matchers: tuple[Matcher, ...]
    period_ns: int
    priority: int = 0

    def covers(self, labels: Labels) -> bool:
        return all(matcher.matches_labels(labels) for matcher in self.matchers)


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """`period_ns` 0 keeps lines forever; `enabled` false keeps everything, whatever the periods say."""

    enabled: bool = False
    period_ns: int = FOREVER
    streams: tuple[StreamRetention, ...] = ()

    def period_of(self, labels: Labels) -> int:
        """Nanoseconds that lines of the stream `labels` are kept; 0 is forever."""
        if not self.enabled:
            return FOREVER
        covering = [rule for rule in self.streams if rule.covers(labels)]
        if covering:
            return min(covering, key=lambda rule: (-rule.priority, rule.period_ns)).period_ns
        return self.period_ns


def sweep(store: LogStore, policy: RetentionPolicy, now_ns: int) -> int:
    """Drops the blocks whose newest line is past its period; returns how many."""
    if not policy.enabled:
        return 0
    expired = []
    for stream, ref in store.all_blocks():
        period = policy.period_of(stream.labels)
        if period != FOREVER and ref.last < now_ns - period:
            expired.append((stream, ref))
    if expired:
        store.drop_blocks(expired)
        log.info("blocks past their retention were deleted", blocks=len(expired))
    return len(expired)


class RetentionLoop:
    """Sweeps every `interval_s` in a thread of its own."""

    def __init__(
        self,
        store: LogStore,
        policy: Callable[[], RetentionPolicy],
        interval_s: float,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._store, self._policy, self._interval, self._clock = store, policy, interval_s, clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="logs-retention", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                sweep(self._store, self._policy(), self._clock())
            except OSError as error:
                log.error("deleting old blocks failed", error=error)
            self._stop.wait(self._interval)
