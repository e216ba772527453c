"""When a group is evaluated: at the same slot of every interval, spread over the interval by a hash of its name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schedule:
    """Slots ``offset + n * interval``, milliseconds since the epoch."""

    interval: int
    offset: int

    @classmethod
    def for_group(cls, file: str, name: str, interval: int) -> Schedule:
        digest = hashlib.blake2b(f"{file}\0{name}".encode(), digest_size=8).digest()
        return cls(interval, int.from_bytes(digest, "little") % interval)

    def slot_before(self, now: int) -> int:
        """The newest slot that is not after `now`."""
        return now - (now - self.offset) % self.interval

    def slot_after(self, now: int) -> int:
        """The oldest slot after `now`."""
        return self.slot_before(now) + self.interval

    def missed(self, due: int, now: int) -> int:
        """How many slots have passed unused when the one that was due at `due` is looked at only `now`."""
        return max(0, (now - due) // self.interval)
