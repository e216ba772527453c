from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.algebra.table import LabelTable, Symbols
from vedette.metrics.promql.run import names
from vedette.model.labels import Labels

SETS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["1", "10", "2", "é", "z"]), max_size=4)


@pytest.mark.parametrize("few", [0, 256])
@given(st.lists(SETS, max_size=8), st.dictionaries(st.sampled_from("aez"), st.just("same"), max_size=2))
def test_rows_are_sorted_by_their_label_sets(
    few: int, sets: list[dict[str, str]], common: dict[str, str]
) -> None:
    rows = [Labels({**labels, **common}) for labels in sets]
    table = LabelTable.from_labels(Symbols(), rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "_FEW_ROWS", few)
        got = [rows[i].pairs for i in names.sort_order(table).tolist()]
    assert got == sorted(row.pairs for row in rows)


def test_very_many_texts_are_sorted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_SORTED_AT_ONCE", 100)
    symbols = Symbols()
    texts = [f"{(i * 7919) % 10_007}é" for i in range(5_000)]
    table = LabelTable(symbols, {"x": symbols.intern_all(texts)}, len(texts))
    checks: list[None] = []
    order = names.sort_order(table, lambda: checks.append(None))
    assert [texts[i] for i in order.tolist()] == sorted(texts)
    assert len(checks) >= 50
