"""The parts of what `vedette query` prints."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator

import pytest

from vedette.metrics.terminal import numbers
from vedette.metrics.terminal.buckets import bucket_use
from vedette.metrics.terminal.columns import Column, columns_of
from vedette.metrics.terminal.door import server_url
from vedette.metrics.terminal.failures import QueryRefused, WrongArgument
from vedette.metrics.terminal.labels import common, differing, label_set, metric
from vedette.metrics.terminal.promql_text import lines_of
from vedette.metrics.terminal.result import Sample, Series, read_result
from vedette.metrics.terminal.screen import Screen
from vedette.metrics.terminal.spark import bar, sparkline
from vedette.metrics.terminal.tables import instant_table
from vedette.metrics.terminal.text import fit, shown, width
from vedette.metrics.terminal.times import Span, query_span, series_span, when

NAN = float("nan")


@pytest.fixture
def paper() -> Screen:
    """Neither colours nor an edge."""
    return Screen(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))


# ---- shapes ------------------------------------------------------------------------------------------------------


def spark(values: list[float], columns: int = 100, *, unicode: bool = True) -> str:
    points = [(i * 10.0, v) for i, v in enumerate(values) if not math.isnan(v)]
    return sparkline(points, 0.0, 10.0, len(values), columns, unicode=unicode)


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
        ([0, NAN, 7], "▁ █"),
        ([5, 5, 5], "▄▄▄"),
        ([0, 0], "▁▁"),
        ([0, math.inf, 1, -math.inf], "▁██▁"),
        ([NAN, NAN], "  "),
        ([], ""),
    ],
)
def test_sparklines(values: list[float], drawn: str) -> None:
    assert spark(values) == drawn


def test_a_sparkline_narrower_than_its_steps_shows_means() -> None:
    assert spark([0, 2, 10, 20, 7, 7], 3) == "▁█▄"
    assert spark([0, 7], unicode=False) == "_%"
    assert len(spark([1.0] * 1000, 60)) == 60


@pytest.mark.parametrize(
    ("share", "drawn"), [(0, "    "), (1, "████"), (0.5, "██  "), (0.03125, "▏   "), (7, "████")]
)
def test_bars(share: float, drawn: str) -> None:
    assert bar(share, 4, unicode=True) == drawn
    assert len(bar(share, 4, unicode=False)) == 4


# ---- numbers and times -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1", "1"),
        ("1e3", "1000"),
        ("123456789012", "123456789012"),
        ("0.30000000000000004", "0.3"),
        ("1732384234.123456", "1732384234.123"),
        ("1e300", "1e+300"),
        ("1.5e-09", "1.5e-09"),
        ("NaN", "NaN"),
        ("+Inf", "+Inf"),
        ("word", "word"),
    ],
)
def test_values(text: str, said: str) -> None:
    assert numbers.value(text) == said


@pytest.mark.parametrize(
    ("duration", "said"),
    [(2, "2.00 s"), (0.0123, "12.3 ms"), (0.5, "500 ms"), (0.0000042, "4 µs"), (125, "125 s")],
)
def test_durations(duration: float, said: str) -> None:
    assert numbers.seconds(duration) == said


NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("", NOW),
        ("now", NOW),
        ("now-1h", NOW - 3_600_000),
        ("-5m", NOW - 300_000),
        ("now+1d", NOW + 86_400_000),
        ("1600000000.5", 1_600_000_000_500),
        ("-5", -5000),
        ("2023-11-14T22:13:20Z", NOW),
    ],
)
def test_times_as_they_are_typed(text: str, ms: int) -> None:
    assert when(text, NOW, "end") == ms


@pytest.mark.parametrize("text", ["tomorrow", "now-", "now-1x", "inf", "12:00"])
def test_times_that_cannot_be(text: str) -> None:
    with pytest.raises(WrongArgument, match="error parsing end time"):
        when(text, NOW, "end")


def test_spans_where_little_is_said() -> None:
    assert query_span("", "", "", NOW) == Span(NOW - 300_000, NOW, 1000)
    assert query_span("-25h", "", "", NOW) == Span(NOW - 90_000_000, NOW, 360_000)
    assert query_span("-1h", "-30m", "0.5", NOW).step == 500
    assert series_span("", "", NOW).start < 0 or series_span("", "", NOW).start < NOW - 10**9
    for step in ("0", "-1s", "x"):
        with pytest.raises(WrongArgument):
            query_span("", "", step, NOW)


def test_servers_as_they_are_typed() -> None:
    assert server_url("localhost:9090") == "http://localhost:9090"
    assert server_url("https://example.org/prom/") == "https://example.org/prom"


# ---- text --------------------------------------------------------------------------------------------------------


def test_nothing_reaches_the_terminal_that_moves_it() -> None:
    assert shown("a\x1b[2J\n\t\x9b\u202eb") == r"a\x1b[2J\n\t\x9b\u202eb"
    assert shown("größer 東京") == "größer 東京"


@pytest.mark.parametrize(
    ("text", "columns", "cut"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("東京都", 4, "東 …")]
)
def test_cutting(text: str, columns: int, cut: str) -> None:
    assert fit(text, columns) == cut
    assert width(fit(text, columns)) <= columns


def test_columns_align_and_give_way_to_the_edge(paper: Screen) -> None:
    columns = [
        Column("name", ["a" * 30, "東京"], "cyan"),
        Column("path", ["/", "/b" * 30], "cyan"),
        Column("VALUE", ["1", "1234567890"], numeric=True),
    ]
    whole = list(columns_of(columns, paper))
    assert whole[2].startswith("東京" + " " * 28)
    assert whole[2].endswith("/b  1234567890")
    paper.width = 40
    cut = list(columns_of(columns, paper))
    assert [width(line) for line in cut] == [40, 40, 40]
    assert cut[2].endswith("…  1234567890")
    paper.width = 10
    assert all("…" in line for line in list(columns_of(columns, paper))[1:])


def test_what_labels_share_and_what_tells_them_apart() -> None:
    sets = [{"__name__": "up", "job": "a", "x": "1"}, {"__name__": "up", "job": "a"}]
    assert common(sets) == {"__name__": "up", "job": "a"}
    assert differing(sets) == ["x"]
    assert differing([*sets, {"__name__": "b"}]) == ["__name__", "job", "x"]
    assert metric(sets[0]) == 'up{job="a", x="1"}'
    assert metric({"__name__": "up"}) == "up"
    assert metric({"__name__": "a.b", "c d": 'e"'}) == '{"a.b", "c d"="e\\""}'
    assert label_set({}) == "{}"


# ---- errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "message", "caret"),
    [
        ("sum(", "1:5: parse error: unclosed left parenthesis", "sum(\n    ^"),
        ("a\n+ größe )", '"query": 2:10: parse error: unexpected ")"', "+ größe )\n       ^"),
        ("東 )", "1:5: parse error: x", "東 )\n   ^"),
        ("a", "something else", ""),
        ("a", "9:1: parse error: x", ""),
    ],
)
def test_the_place_of_a_parse_error(query: str, message: str, caret: str) -> None:
    assert QueryRefused("bad_data", message).caret(query) == caret


# ---- histograms --------------------------------------------------------------------------------------------------

HISTOGRAM = {"count": "3", "sum": "6.5", "buckets": [[0, "0.5", "1", "1"], [3, "-0.1", "0.1", "2"]]}


def test_native_histograms_in_tables_and_in_promtools_text(paper: Screen) -> None:
    result = read_result({"resultType": "vector", "result": [{"metric": {}, "histogram": [1.5, HISTOGRAM]}]})
    assert list(lines_of(result)) == [
        "{} => Count: 3.000000, Sum: 6.500000, Buckets: [(0.5,1]:1 [-0.1,0.1]:2] @[1.5]"
    ]
    *_, row = instant_table(result, paper)
    assert row == "count 3, mean 2.16667, 0.5 to 0.1 in 2 buckets"


def histogram(**counts: int) -> dict[str, object]:
    return {"count": "1", "sum": "1", "buckets": [[0, low, low + "9", str(n)] for low, n in counts.items()]}


def test_the_use_of_buckets_by_native_and_classic_histograms() -> None:
    native = Series(
        {"__name__": "n"},
        tuple(
            Sample(float(i), histogram=one)
            for i, one in enumerate([histogram(a=1), histogram(a=1, b=2), histogram(a=4, b=2)])
        ),
    )

    def classic(le: str, values: list[str]) -> Series:
        return Series(
            {"__name__": "c_bucket", "le": le}, tuple(Sample(float(i), v) for i, v in enumerate(values))
        )

    parts: Iterator[Series] = iter([classic("+Inf", ["1", "3", "3"]), classic("1", ["0", "2", "2"])])
    first, second = bucket_use([native, *parts, Series({"__name__": "other"}, (Sample(0, "1"),))])
    assert (first.native, first.samples, first.buckets) == (True, 3, 2)
    assert str(first.populated) == "2 / 2 / 2"
    assert str(first.changed) == "1 / 1 / 1"
    assert str(first.added) == "2 / 2.5 / 3"
    assert (second.labels, second.buckets) == ({"__name__": "c"}, 2)
    assert str(second.populated) == "2 / 2 / 2"
    assert str(second.changed) == "0 / 0.5 / 1"
