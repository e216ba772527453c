"""Answers as JSON: the same in however many pieces."""

from __future__ import annotations

import json

import pytest

from vedette.metrics.promql import json as encoding
from vedette.metrics.promql.engine import Engine
from vedette.metrics.promql.errors import QueryCanceled
from vedette.metrics.promql.script.memory import MemoryStorage
from vedette.model.histogram import FloatHistogram
from vedette.model.labels import Labels


@pytest.fixture
def engine() -> Engine:
    store = MemoryStorage()
    for i in range(50):
        # Series that begin one after another, so that each step has others.
        for t in range(i // 5, 12):
            store.add(Labels({"__name__": "m", "x": f'{i}"é'}), t * 15_000, float(t))
            if i % 7 == 0:
                store.add(Labels({"__name__": "h", "x": str(i)}), t * 15_000, FloatHistogram(count=t, sum=1))
    return Engine(store)


@pytest.mark.parametrize("query", ["m", "m > 3", "m > 100", "h", "{x=~'1.*'}", "time()", "vector(1)"])
def test_pieces_make_the_whole(engine: Engine, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for result in (engine.range(query, 0, 150_000, 15_000), engine.instant(query, 150_000)):
        whole = encoding.encode_result(result)
        rows = len(json.loads(whole)["result"])
        for cells in (1, 40, 200):
            monkeypatch.setattr(encoding, "PIECE_CELLS", cells)
            pieces = encoding.encode_pieces(result, b',"more":1')
            assert b"".join(pieces) == whole[:-1] + b',"more":1}'
            if cells == 1 and result.kind in ("vector", "matrix"):
                assert len(pieces) >= rows
        monkeypatch.undo()


def test_raw_ranges(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    result = engine.instant("{__name__=~'m|h'}[1m]", 150_000)
    whole = encoding.encode_result(result)
    monkeypatch.setattr(encoding, "PIECE_CELLS", 16)
    assert encoding.encode_result(result) == whole


def test_nobody_waits_any_more(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "PIECE_CELLS", 1)
    pieces = 0

    def check() -> None:
        nonlocal pieces
        pieces += 1
        if pieces == 3:
            raise QueryCanceled

    with pytest.raises(QueryCanceled):
        encoding.encode_pieces(engine.range("m", 0, 150_000, 15_000), check=check)
    assert pieces == 3
