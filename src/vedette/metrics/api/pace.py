"""How long questions took when they were last asked.

What a question costs is known best from the last time: dashboards and rules ask the same ones again and again. Questions
that took next to nothing may be answered at once (`vedette.web.prompt`), where handing them to a thread would cost more
than the answer.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Hashable, Iterator

# A question that took longer goes to a thread: the event loop has others waiting.
PROMPT_SECONDS = 0.003
_REMEMBERED = 4096


class Pace:
    """CPU seconds by question. May be used from several threads."""

    def __init__(self, *, limit_s: float = PROMPT_SECONDS, most: int = _REMEMBERED) -> None:
        self._limit, self._most = limit_s, most
        self._seconds: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def is_prompt(self, question: Hashable) -> bool:
        """Whether `question` was asked before and took less than the limit."""
        return self._seconds.get(question, self._limit) < self._limit

    @contextlib.contextmanager
    def measured(self, question: Hashable) -> Iterator[None]:
        """Remembers what the block costs, also when it raises.

        In CPU time, which a busy machine does not stretch; of the process, because kernels may run in other threads.
        """
        started = time.process_time()
        try:
            yield
        finally:
            self.remember(question, time.process_time() - started)

    def remember(self, question: Hashable, seconds: float) -> None:
        with self._lock:
            self._seconds[question] = seconds
            if len(self._seconds) > self._most:
                # The oldest goes; one that is still asked comes back.
                del self._seconds[next(iter(self._seconds))]
