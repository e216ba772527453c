"""Which streams have which labels: postings in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyroaring import BitMap

from vedette.logs.store.stream import Stream, stream_id
from vedette.model.labels import Labels, Matcher


class StreamIndex:
    """Streams by number, and for every label value the numbers that have it. The store's lock is held."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self._by_labels: dict[Labels, Stream] = {}
        self._postings: dict[str, dict[str, BitMap]] = {}
        self._all = BitMap()

    def __len__(self) -> int:
        return len(self._all)

    def get(self, labels: Labels) -> Stream | None:
        return self._by_labels.get(labels)

    def add(self, labels: Labels) -> Stream:
        """The stream with `labels`, made when it is new."""
        found = self._by_labels.get(labels)
        if found is not None:
            return found
        stream = Stream(labels, len(self.streams), stream_id(labels))
        self.streams.append(stream)
        self._by_labels[labels] = stream
        self._all.add(stream.number)
        for name, value in labels:
            self._postings.setdefault(name, {}).setdefault(value, BitMap()).add(stream.number)
        return stream

    def remove(self, stream: Stream) -> None:
        """Forgets a stream that has no lines left."""
        self._all.discard(stream.number)
        self._by_labels.pop(stream.labels, None)
        for name, value in stream.labels:
            values = self._postings[name]
            values[value].discard(stream.number)
            if not values[value]:
                del values[value]
            if not values:
                del self._postings[name]

    def select(self, matchers: Sequence[Matcher]) -> list[Stream]:
        """The streams that satisfy every matcher."""
        found = self._all
        for matcher in matchers:
            found = found & self._matching(matcher)
            if not found:
                return []
        return [self.streams[number] for number in found]

    def _matching(self, matcher: Matcher) -> BitMap:
        values = self._postings.get(matcher.name, {})
        if matcher.literals is not None and "" not in matcher.literals:
            return _union(values[value] for value in matcher.literals if value in values)
        if matcher.matches(""):
            # Streams without the label match too: take away those whose value does not.
            return self._all - _union(
                numbers for value, numbers in values.items() if not matcher.matches(value)
            )
        return _union(numbers for value, numbers in values.items() if matcher.matches(value))


def _union(sets: Iterable[BitMap]) -> BitMap:
    out = BitMap()
    for numbers in sets:
        out |= numbers
    return out
