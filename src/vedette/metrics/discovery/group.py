"""What a discovery finds, and how it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Group:
    """Targets that share labels. A discovery names each of its groups by `source`; a newer one of a name replaces it.

    Each target is its own labels, ``__address__`` among them; they win over the group's `labels`. A group without
    targets is gone.
    """

    source: str
    targets: tuple[Mapping[str, str], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


Publish = Callable[[Sequence[Group]], None]


class Discoverer(Protocol):
    async def run(self, publish: Publish) -> None:
        """Finds groups until cancelled; publishes those that are new, changed or gone (then without targets)."""
        ...
