"""Which blocks have had their time."""

from __future__ import annotations

from collections.abc import Sequence

from vedette.metrics.tsdb.meta import BlockMeta


def superseded(metas: Sequence[BlockMeta]) -> set[str]:
    """Blocks whose samples were merged into another loaded one."""
    return {parent for meta in metas for parent, _, _ in meta.parents}


def too_old(metas: Sequence[BlockMeta], retention: int) -> set[str]:
    """Blocks that end `retention` ms or more before the newest one ends; none when `retention` is 0."""
    if not retention or not metas:
        return set()
    newest = max(meta.max_time for meta in metas)
    return {meta.ulid for meta in metas if newest - meta.max_time >= retention}


def too_much(sizes: Sequence[tuple[BlockMeta, int]], other: int, limit: int) -> set[str]:
    """The oldest blocks, as many as bring all of `sizes` plus `other` bytes under `limit`; none when it is 0."""
    if not limit:
        return set()
    total = other
    doomed = set()
    for meta, size in sorted(sizes, key=lambda entry: entry[0].max_time, reverse=True):
        total += size
        if total > limit:
            doomed.add(meta.ulid)
    return doomed
