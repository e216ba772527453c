"""The index file: byte for byte the original's, and refused when damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vedette.algebra.table import Symbols
from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb.block import Block
from vedette.metrics.tsdb.block_writer import encode_batch, write_block
from vedette.metrics.tsdb.index_writer import sort_label_sets
from vedette.metrics.tsdb.meta import BlockMeta, is_ulid, new_ulid

# The index of a block that promtool 2.42 made of the samples in test_xor.py, series `a`.
PROMTOOL_INDEX = (
    "baaad70002000000100000000300085f5f6e616d655f5f0161b43941ff0000000e0101020180a0abfef962c09a0c08cc"
    "c39e90000000000c00000001000000010000000206747c4e0000000800000001000000025502add10000000800000001"
    "000000025502add10000000f0000000101085f5f6e616d655f5f3496671bb800000015000000020200004802085f5f6e"
    "616d655f5f016158eae49fba0000000000000005000000000000001d0000000000000033000000000000006800000000"
    "00000048000000000000007fbe851a03"
)
TIMES = [1_700_000_000_000, 1_700_000_015_000, 1_700_000_030_000, 1_700_000_045_001, 1_700_000_200_000]


def one_series_block(parent: Path) -> BlockMeta:
    labels = sort_label_sets(np.array([0, 2]), np.array([0, 0], dtype=np.int32), ["__name__"], ["a"])
    batch = encode_batch(np.array([0, 5]), np.array(TIMES), np.array([1.0, 1.0, 2.0, 2.5, 0.1]))
    meta = write_block(parent, BlockMeta(new_ulid(), TIMES[0], TIMES[-1] + 1, 0, 0, 0), labels, [batch])
    assert meta is not None
    return meta


def test_the_index_is_what_promtool_writes(tmp_path: Path) -> None:
    meta = one_series_block(tmp_path)
    assert (tmp_path / meta.ulid / "index").read_bytes().hex() == PROMTOOL_INDEX
    assert (meta.samples, meta.series, meta.chunks) == (5, 1, 1)


def test_series_are_ordered_name_by_name_value_by_value() -> None:
    sets = [
        {"a": "2"},
        {"a": "1", "b": "1"},
        {"a": "1"},
        {},
        {"a": "10"},
        {"__name__": "z"},
        {"a": "1", "aa": "9"},
        {"a": "ü"},
        {"a": "z"},
    ]
    names = sorted({n for s in sets for n in s}, reverse=True)
    values = sorted({v for s in sets for v in s.values()}, key=lambda v: v[::-1])
    flat = [[x for n, v in sorted(s.items()) for x in (names.index(n), values.index(v))] for s in sets]
    offsets = np.cumsum([0, *map(len, flat)])
    result = sort_label_sets(
        offsets, np.array([x for each in flat for x in each], dtype=np.int32), names, values
    )
    want = sorted(range(len(sets)), key=lambda i: [(n, v.encode()) for n, v in sorted(sets[i].items())])
    assert result.order.tolist() == want
    spelled = [
        [result.symbols[i] for i in result.pairs[a:b].tolist()]
        for a, b in zip(result.offsets[:-1].tolist(), result.offsets[1:].tolist(), strict=True)
    ]
    assert spelled == [[x for pair in sorted(sets[i].items()) for x in pair] for i in want]


def test_every_damaged_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    meta = one_series_block(tmp_path)
    path = tmp_path / meta.ulid / "index"
    good = path.read_bytes()
    noticed = 0
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x55]) + good[at + 1 :])
        try:
            block = Block(tmp_path / meta.ulid)
            found = block.select([], 0, 1 << 60, Symbols(), Symbols())
            assert found is not None
            assert found[1][0].tolist() == [0, 2]
        except StorageError as error:
            assert "index" in str(error)
            noticed += 1
    # What is left are paddings, and the label index that nobody reads.
    assert noticed > len(good) * 0.6


@pytest.mark.parametrize("keep", [0, 4, 30, 60, 200])
def test_a_short_index_is_refused(tmp_path: Path, keep: int) -> None:
    meta = one_series_block(tmp_path)
    path = tmp_path / meta.ulid / "index"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(StorageError, match="index"):
        Block(tmp_path / meta.ulid)


def test_ulids_sort_by_time_and_are_known() -> None:
    early, late = new_ulid(1_700_000_000_000), new_ulid(1_700_000_000_001)
    assert early < late
    assert is_ulid(early) and is_ulid("01M84HCFYJFF0T08KHTNW0C23A")
    assert early[:10] == "01HF7YAT00"
    assert not is_ulid("wal") and not is_ulid("01M84HCFYJFF0T08KHTNW0C23U")
