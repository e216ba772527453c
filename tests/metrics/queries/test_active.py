"""The file that says which queries were at work when the process died."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vedette.metrics.queries.active import ENTRY_SIZE, FILE_NAME, ActiveQueries, entry, left_over


def listed(folder: Path) -> list[str]:
    return [e["query"] for e in json.loads(left_over(folder / FILE_NAME) or b"[]")]


def test_a_query_is_listed_while_it_runs(tmp_path: Path) -> None:
    active = ActiveQueries(tmp_path, 3)
    assert (tmp_path / FILE_NAME).stat().st_size == 1 + 3 * ENTRY_SIZE
    with active.listed("up"), active.listed('rate(a{b="c\\n"}[5m])'):
        assert listed(tmp_path) == ["up", 'rate(a{b="c\\n"}[5m])']
    assert listed(tmp_path) == []
    with active.listed("second"), active.listed("third"):
        assert sorted(listed(tmp_path)) == ["second", "third"]


def test_bytes_are_the_original_s(tmp_path: Path) -> None:
    active = ActiveQueries(tmp_path, 2)
    with active.listed("up"):
        data = (tmp_path / FILE_NAME).read_bytes()
    assert data[:1] == b"["
    text, _, rest = data[1 : 1 + ENTRY_SIZE].partition(b"\0")
    assert set(json.loads(text)) == {"query", "timestamp_sec"}
    assert rest == b"\0" * (len(rest) - 1) + b","
    assert data[1 + ENTRY_SIZE :] == bytes(ENTRY_SIZE)


def test_more_queries_than_entries_run_unlisted(tmp_path: Path) -> None:
    active = ActiveQueries(tmp_path, 1)
    with active.listed("a"), active.listed("b"):
        assert listed(tmp_path) == ["a"]
    with active.listed("c"):
        assert listed(tmp_path) == ["c"]


def test_the_next_start_tells_what_the_last_did_not_finish(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dying = ActiveQueries(tmp_path, 4)
    with dying.listed("finished"):
        pass
    at_work = dying.listed("sum(killer)")
    at_work.__enter__()  # and never left
    caplog.set_level("WARNING")
    again = ActiveQueries(tmp_path, 2)
    (record,) = caplog.records
    assert record.getMessage() == "These queries didn't finish in prometheus' last run:"
    (told,) = json.loads(record.vedette_fields["queries"])  # type: ignore[attr-defined]
    assert told["query"] == "sum(killer)"
    caplog.clear()
    again.close()
    ActiveQueries(tmp_path, 2).close()
    assert not caplog.records


def test_without_a_file_queries_run_all_the_same(tmp_path: Path) -> None:
    active = ActiveQueries(tmp_path / "nowhere", 2)
    with active.listed("up"):
        pass
    active.close()


@pytest.mark.parametrize(
    "query", ["a" * 5000, '"' * 5000, "\x01" * 5000, "é" * 700, "\udcff" * 900, "", "up"]
)
def test_an_entry_is_cut_to_fit_and_stays_json(query: str) -> None:
    data = entry(query, 1_700_000_000)
    assert len(data) < ENTRY_SIZE
    shown = json.loads(data)["query"]
    if len(query) > 100:
        # As much as fits: at most one character more would have been possible for each escape.
        assert len(data) > ENTRY_SIZE - 16 and query.encode("utf-8", "surrogateescape").decode(
            "utf-8", "replace"
        ).startswith(shown)
