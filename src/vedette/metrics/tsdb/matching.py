"""Matching patterns with the texts of label values: each value once, and not while a scrape waits for the lock."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, TypeVar

from vedette.algebra.table import Symbols
from vedette.model.labels import Matcher, MatchOp

T = TypeVar("T")

_CACHED_MATCHERS = 512
# Values matched between two looks at whether to go on.
_CHUNK = 4096
# So few values may be matched under the lock.
_QUICK = 256


def unwatched() -> None:
    """The check of who never ends early."""


def chunked(items: Sequence[T], check: Callable[[], None]) -> Iterator[Sequence[T]]:
    """`items` in parts, with a `check` before each."""
    for at in range(0, len(items), _CHUNK):
        check()
        yield items[at : at + _CHUNK]


@dataclass(slots=True)
class _Known:
    """What a matcher found among the first `seen` values of its label, in the order they came."""

    removals: int
    seen: int = 0
    found: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The values of a label that a matcher has not seen, from the `start`th on."""

    matcher: Matcher
    name: int
    removals: int
    start: int
    values: list[int]
    wanted: bool  # what `Matcher.matches` must say of those that are found


class Matches:
    """What matchers found among the values of labels. Not safe across threads.

    Values come in order and stay in it; when some go, what was found for their label is forgotten.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._removals: dict[int, int] = {}
        self._known: OrderedDict[Matcher, _Known] = OrderedDict()

    def removed(self, name: int) -> None:
        """Values of the label went away."""
        self._removals[name] = self._removals.get(name, 0) + 1

    def _state(self, matcher: Matcher, name: int) -> _Known:
        removals = self._removals.get(name, 0)
        known = self._known.get(matcher)
        if known is None or known.removals != removals:
            known = self._known[matcher] = _Known(removals)
            if len(self._known) > _CACHED_MATCHERS:
                self._known.popitem(last=False)
        return known

    def unmatched(
        self, matcher: Matcher, name: int, values: Collection[int], wanted: bool, more_than: int = 0
    ) -> Unmatched | None:
        """What is left to match; None when that are no more than so many."""
        known = self._state(matcher, name)
        if len(values) - known.seen <= more_than:
            return None
        return Unmatched(
            matcher, name, known.removals, known.seen, list(islice(values, known.seen, None)), wanted
        )

    def learn(self, task: Unmatched, found: list[int]) -> None:
        """`found` are those of ``task.values`` that match. Nothing, when somebody was quicker or values went away."""
        known = self._state(task.matcher, task.name)
        if (known.removals, known.seen) == (task.removals, task.start):
            known.found += found
            known.seen += len(task.values)

    def found(self, matcher: Matcher, name: int, values: Collection[int], wanted: bool) -> list[int]:
        """The values that match. Not to be changed, nor kept."""
        task = self.unmatched(matcher, name, values, wanted)
        if task is not None:
            self.learn(task, self.run(task))
        self._known.move_to_end(matcher)
        return self._known[matcher].found

    def run(self, task: Unmatched, check: Callable[[], None] = unwatched) -> list[int]:
        """Those of the task's values that match. Needs no lock: texts stay what they are. `check` may raise."""
        strings, matches, wanted = self._symbols.strings, task.matcher.matches, task.wanted
        found: list[int] = []
        for part in chunked(task.values, check):
            found += [i for i in part if matches(strings[i]) is wanted]
        return found


class Matched(Protocol):
    """An index by label values, such as `vedette.metrics.tsdb.postings.Postings`."""

    matches: Matches

    def unmatched(self, matcher: Matcher, more_than: int) -> Unmatched | None: ...


def match_ahead(
    index: Matched, lock: threading.RLock, matchers: Iterable[Matcher], check: Callable[[], None]
) -> None:
    """Matches what `index` would have to match for these matchers, holding the lock that guards it only to ask and to
    tell: a pattern over a million values takes a second, in which nothing could be committed."""
    for matcher in matchers:
        if matcher.op is MatchOp.EQUAL and matcher.value:
            continue  # looked up
        with lock:
            task = index.unmatched(matcher, _QUICK)
        if task is not None:
            found = index.matches.run(task, check)
            with lock:
                index.matches.learn(task, found)
