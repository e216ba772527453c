"""A stream: one label set and what of it is not sealed yet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from vedette.logs.batch import Batch, merge
from vedette.model.labels import Labels

STREAM_ID_BYTES = 16


def stream_id(labels: Labels) -> bytes:
    """The name of a stream in files: 16 bytes that depend on its labels alone."""
    text = "\0".join(f"{name}\0{value}" for name, value in labels)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=STREAM_ID_BYTES).digest()


@dataclass(eq=False, slots=True)
class Stream:
    """One stream. `number` is its place in this process's index.

    `pieces` are pushed batches in order of arrival, `sealing` the ones a block is being made of; both are guarded by
    the store's lock. `newest` (ns) decides which lines are too far behind.
    """

    labels: Labels
    number: int
    id: bytes
    newest: int = -(1 << 63)
    pieces: list[Batch] = field(default_factory=list)
    sealing: list[Batch] = field(default_factory=list)
    head_bytes: int = 0
    head_entries: int = 0
    first_append: float = 0.0
    last_append: float = 0.0
    first_segment: int = -1
    sealed_at: tuple[int, int] = (-1, -1)
    _settled: Batch | None = None

    def append(self, batch: Batch, now: float, segment: int) -> None:
        """Adds `batch`; the store's lock is held."""
        if not self.pieces:
            self.first_append, self.first_segment = now, segment
        self.last_append = now
        self.pieces.append(batch)
        self.head_bytes += len(batch.buffer)
        self.head_entries += len(batch)
        self.newest = max(self.newest, int(batch.times.max()))
        self._settled = None

    def detach(self) -> list[Batch]:
        """Moves the pieces to `sealing`; the store's lock is held."""
        self.sealing, self.pieces = self.pieces, []
        self.head_bytes = self.head_entries = 0
        self.first_segment = -1
        self._settled = None
        return self.sealing

    def head(self) -> Batch | None:
        """What is not in a block yet, sorted, or None. The store's lock is held."""
        if self._settled is None and (self.pieces or self.sealing):
            if self.pieces and not self.sealing:
                # Sorting once serves every later query and the sealing.
                self.pieces = [merge(self.pieces)]
                self._settled = self.pieces[0]
            else:
                self._settled = merge([*self.sealing, *self.pieces])
        return self._settled

    def forget_settled(self) -> None:
        """To be called when `pieces` or `sealing` changed; the store's lock is held."""
        self._settled = None
