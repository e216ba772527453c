"""Targets written down in the configuration."""

from __future__ import annotations

from collections.abc import Sequence

from vedette.metrics.config.sd.static import TargetGroup
from vedette.metrics.discovery.group import Group, Publish


class StaticDiscoverer:
    def __init__(self, written: Sequence[TargetGroup]) -> None:
        self._groups = [group_of(str(index), group) for index, group in enumerate(written)]

    async def run(self, publish: Publish) -> None:
        publish(self._groups)


def group_of(source: str, written: TargetGroup, **more: str) -> Group:
    """A written group under a source's name, with `more` labels laid over its own."""
    return Group(
        source,
        tuple({"__address__": address} for address in written.targets),
        {**written.labels, **more},
    )
