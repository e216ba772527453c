"""The page writer: what it writes reads back as what was added."""

from __future__ import annotations

import math
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.exposition import parse_page
from vedette.exporters.collector import CollectorRunner, NoData, SelfReport
from vedette.exporters.page import Family, Page, number

THINGS = Family("things_total", "counter", 'Things with a \\ and a\nnewline "quoted".', ("kind", "name"))
PLAIN = Family("plain", "gauge", "Plain.")


def test_families_come_sorted_and_whole() -> None:
    page = Page()
    page.add(THINGS, 1, "a", "b")
    page.add(PLAIN, 2.5)
    page.add(THINGS, 3, "a", "c")
    assert page.render().decode() == (
        "# HELP plain Plain.\n"
        "# TYPE plain gauge\n"
        "plain 2.5\n"
        '# HELP things_total Things with a \\\\ and a\\nnewline "quoted".\n'
        "# TYPE things_total counter\n"
        'things_total{kind="a",name="b"} 1\n'
        'things_total{kind="a",name="c"} 3\n'
    )


def test_a_wrong_number_of_labels_is_refused() -> None:
    with pytest.raises(TypeError):
        Page().add(THINGS, 1, "a")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x85\u2028\u2029"), max_size=20))
def test_label_values_survive(value: str) -> None:
    page = Page()
    page.add(THINGS, 1, value, "x")
    families = parse_page(page.render().decode())
    ((_, labels),) = families["things_total"].samples
    assert dict(labels) == {"kind": value, "name": "x"}


@given(st.floats() | st.integers())
def test_numbers_survive(value: float) -> None:
    read = float(number(value))
    assert read == float(value) or (math.isnan(value) and math.isnan(read))


def test_special_numbers_have_the_formats_names() -> None:
    assert [number(v) for v in (math.inf, -math.inf, math.nan, 3.0, 1e300, True)] == [
        "+Inf",
        "-Inf",
        "NaN",
        "3",
        "1e+300",
        "1",
    ]


def test_histogram() -> None:
    page = Page()
    page.histogram(Family("h", "histogram", "H.", ("db",)), (0.5, 1), (1, 3), 4, 7.25, "x")
    page.histogram(Family("bare", "histogram", "B."), (1,), (0,), 0, 0)
    families = parse_page(page.render().decode())
    assert families["h"].samples[("h_bucket", (("db", "x"), ("le", "+Inf")))] == 4
    assert families["h"].samples[("h_sum", (("db", "x"),))] == 7.25
    assert families["bare"].samples[("bare_count", ())] == 0


@pytest.mark.differential
@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_reads_it() -> None:
    page = Page()
    page.add(THINGS, 1, 'quo"te', "back\\slash\nline")
    page.add(PLAIN, math.inf)
    done = subprocess.run(["promtool", "check", "metrics"], input=page.render(), capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_failing_collector_costs_only_itself() -> None:
    def fails(page: Page) -> None:
        raise ValueError("boom")

    def has_nothing(page: Page) -> None:
        raise NoData("no such device")

    runner = CollectorRunner(
        {"fails": fails, "nothing": has_nothing, "works": lambda page: page.add(PLAIN, 1)},
        SelfReport("node", "node_exporter"),
    )
    page = Page()
    runner.run(page)
    families = parse_page(page.render().decode())
    success = families["node_scrape_collector_success"]
    assert [success.value(collector=name) for name in ("fails", "nothing", "works")] == [0, 0, 1]
    assert families["node_scrape_collector_duration_seconds"].value(collector="works") < 1
    assert families["plain"].value() == 1
