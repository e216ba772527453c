"""Which blocks are merged and dropped, and that merging loses nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from metrics.tsdb.views import contents, write
from vedette.metrics.tsdb.block import Block
from vedette.metrics.tsdb.compaction import merge_blocks, plan
from vedette.metrics.tsdb.database import Database
from vedette.metrics.tsdb.head_block import write_head_block
from vedette.metrics.tsdb.meta import BlockMeta
from vedette.metrics.tsdb.options import TsdbOptions
from vedette.metrics.tsdb.retention import superseded, too_much, too_old
from vedette.model.labels import Labels, Matcher
from vedette.model.time import DAY, HOUR

RANGES = [20, 60, 180]


def blocks(*ranges: tuple[int, int], **more: int) -> list[BlockMeta]:
    return [BlockMeta(f"{a}-{b}", a, b, 100, 10, 10, **more) for a, b in ranges]


@pytest.mark.parametrize(
    ("ranges", "want"),
    [
        ([], []),
        ([(0, 20)], []),
        # The newest block is left alone; a group must be complete or overtaken by a later one.
        ([(0, 20), (20, 40), (40, 60)], []),
        ([(0, 20), (20, 40), (40, 60), (60, 80)], ["0-20", "20-40", "40-60"]),
        ([(0, 20), (20, 40), (60, 80)], []),
        ([(0, 20), (20, 40), (60, 80), (80, 100)], ["0-20", "20-40"]),
        ([(0, 20), (40, 60), (60, 80)], ["0-20", "40-60"]),
        ([(0, 60), (60, 120), (120, 180), (180, 200)], ["0-60", "60-120", "120-180"]),
        # Not aligned: reaches over the edge of a window.
        ([(10, 70), (70, 90), (90, 110), (110, 130)], []),
        # Overlaps come first.
        ([(0, 20), (10, 30), (60, 80)], ["0-20", "10-30"]),
        ([(0, 20), (20, 40), (40, 60), (60, 80), (70, 90), (75, 100)], ["60-80", "70-90", "75-100"]),
        ([(-40, -20), (-60, -40), (0, 20), (20, 40)], ["-60--40", "-40--20"]),
    ],
)
def test_plan(ranges: list[tuple[int, int]], want: list[str]) -> None:
    assert plan(blocks(*ranges), RANGES) == want


def test_a_large_block_with_many_deletions_is_rewritten_alone() -> None:
    spoiled = blocks((0, 60), tombstones=3)
    fresh = blocks((180, 200))
    assert plan(spoiled + fresh, RANGES) == ["0-60"]
    assert plan(blocks((0, 20), tombstones=3) + fresh, RANGES) == []


def test_failed_blocks_are_left_alone() -> None:
    metas = blocks((0, 20), failed=True) + blocks((20, 40), (40, 60), (60, 80))
    assert plan(metas, RANGES) == []


def test_retention_by_time_and_size() -> None:
    metas = blocks((0, 20), (20, 40), (40, 60))
    assert too_old(metas, 0) == set()
    assert too_old(metas, 41) == set()
    assert too_old(metas, 40) == {"0-20"}
    assert too_old(metas, 1) == {"0-20", "20-40"}
    sizes = [(meta, 100) for meta in metas]
    assert too_much(sizes, 50, 0) == set()
    assert too_much(sizes, 50, 350) == set()
    assert too_much(sizes, 50, 349) == {"0-20"}
    assert too_much(sizes, 50, 149) == {"0-20", "20-40", "40-60"}
    merged = BlockMeta("m", 0, 40, 1, 1, 1, parents=(("0-20", 0, 20), ("20-40", 20, 40)))
    assert superseded([*metas, merged]) == {"0-20", "20-40"}


def test_block_ranges() -> None:
    assert TsdbOptions().block_ranges() == [2 * HOUR, 6 * HOUR, 18 * HOUR]
    assert TsdbOptions(retention_time=30 * DAY).block_ranges() == [2 * HOUR, 6 * HOUR, 18 * HOUR, 54 * HOUR]
    assert TsdbOptions(max_block=2 * HOUR).block_ranges() == [2 * HOUR]


def test_retention_removes_blocks_from_the_disk(tmp_path: Path) -> None:
    options = TsdbOptions(min_block=60_000, retention_time=600_000)
    with Database.open(tmp_path, options) as database:
        for k in range(60):
            times = [k * 30_000 + j * 1000 for j in range(30)]
            write(database, [Labels.of(__name__="a")], times, np.zeros((1, 30)))
            database.maintain(0)
        kept = contents(database)["__name__=a"]
        assert kept[-1][0] == 1_799_000
        assert 1_799_000 - kept[0][0] < 900_000
        assert database.min_time >= kept[0][0] - 60_000
        on_disk = {path.name for path in tmp_path.iterdir() if len(path.name) == 26}
        assert on_disk == {block.meta.ulid for block in database.blocks()}


def overlapping_blocks(tmp_path: Path) -> tuple[list[Block], dict[str, list[tuple[int, float]]]]:
    """Three blocks from three heads whose samples interleave, and what they hold together."""
    want: dict[str, dict[int, float]] = {}
    found = []
    for part in range(3):
        with Database.open(tmp_path / f"head{part}") as database:
            series = [Labels({"__name__": "m", "i": str(i)}) for i in range(part, part + 12)]
            times = [part * 400_000 + j * 1500 for j in range(700)]
            values = np.add.outer(np.arange(part, part + 12) * 1e6, np.array(times, dtype=np.float64))
            write(database, series, times, values)
            for labels, samples in contents(database).items():
                want.setdefault(labels, {}).update(samples)
            meta = write_head_block(tmp_path / "merged", database.head, 0, 10_000_000)
            assert meta is not None
            found.append(Block(tmp_path / "merged" / meta.ulid))
    return found, {labels: sorted(samples.items()) for labels, samples in want.items()}


def test_overlapping_blocks_read_as_one_and_merge_into_one(tmp_path: Path) -> None:
    (tmp_path / "merged").mkdir()
    parts, want = overlapping_blocks(tmp_path)
    with Database.open(tmp_path / "merged") as database:
        assert len(database.blocks()) == 3
        assert contents(database) == want
        meta = merge_blocks(tmp_path / "merged", parts)
        assert meta is not None and meta.samples == sum(map(len, want.values()))
        database.reload_blocks()
        assert [block.meta.ulid for block in database.blocks()] == [meta.ulid]
        assert contents(database) == want
    assert sorted(p.name for p in (tmp_path / "merged").iterdir() if len(p.name) == 26) == [meta.ulid]


def test_deleted_samples_stay_deleted_when_blocks_are_merged(tmp_path: Path) -> None:
    (tmp_path / "merged").mkdir()
    _, want = overlapping_blocks(tmp_path)
    with Database.open(tmp_path / "merged") as database:
        database.delete_series([Matcher("i", "=~", "3|5")], 500_000, 900_000)
        for i in ("3", "5"):
            key = f"__name__=m,i={i}"
            want[key] = [s for s in want[key] if not 500_000 <= s[0] <= 900_000]
        assert contents(database) == want
        database.maintain(0)
        assert len(database.blocks()) == 1 and not database.blocks()[0].tombstones
        assert contents(database) == want


def test_a_selection_made_before_an_upkeep_still_reads_everything(tmp_path: Path) -> None:
    options = TsdbOptions(min_block=60_000)
    with Database.open(tmp_path, options) as database:
        series = [Labels({"__name__": "m", "i": str(i)}) for i in range(30)]
        times = [j * 1000 for j in range(200)]
        values = np.random.default_rng(0).random((30, 200))
        write(database, series, times, values)
        querier = database.querier(0, 1 << 60)
        selection = querier.select([], 0, 1 << 60)
        before = selection.read(0, 30, 0, 1 << 60)
        database.maintain(0)
        assert database.blocks()
        # Fresh series take the place of dropped ones: they must not show up in the old selection.
        for k in range(3):
            fresh = [Labels({"__name__": f"n{k}", "i": str(i)}) for i in range(30)]
            write(database, fresh, [300_000 + k * 200_000 + j * 1000 for j in range(100)], values[:, :100])
            database.maintain(0)
        after = selection.read(0, 30, 0, 1 << 60)
        assert after.timestamps.tolist() == before.timestamps.tolist()
        assert after.values.tolist() == before.values.tolist()
        again = querier.select([Matcher("__name__", "=", "m")], 0, 1 << 60)
        assert len(again.read(0, 30, 0, 1 << 60).values) == 6000
