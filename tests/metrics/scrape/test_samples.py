"""Pages into a store: what is kept, what gets stale, what is refused whole."""

from __future__ import annotations

import math

import pytest
from prometheus_client import CollectorRegistry

from support.memory_storage import MemoryStorage
from vedette.config.relabel import RelabelConfig
from vedette.kernels.exposition import OPENMETRICS, TEXT
from vedette.metrics.scrape.observed import ScrapeMetrics
from vedette.metrics.scrape.samples import Counts, PageFault, ReportSeries, ScrapeRules, TargetSamples
from vedette.metrics.scrape.series import SeriesRules
from vedette.model.labels import Labels
from vedette.model.values import is_stale

TARGET = Labels.of(job="j")


class Scraped:
    """A target whose pages come from the test; a page each 10 ms from 1000 on."""

    def __init__(self, **rules: object) -> None:
        self.storage = MemoryStorage()
        self.registry = CollectorRegistry()
        series = {k: rules.pop(k) for k in list(rules) if k in SeriesRules.__dataclass_fields__}
        made = ScrapeRules(SeriesRules(TARGET, **series), **rules)  # type: ignore[arg-type]
        self.samples = TargetSamples(self.storage, made, ScrapeMetrics(self.registry))
        self.time = 990

    def page(self, body: str, syntax: int = TEXT) -> tuple[int, int, int]:
        self.time += 10
        app, counts = self.storage.appender(), Counts()
        try:
            self.samples.store(app, body.encode(), syntax, self.time, counts)
        except PageFault:
            app.rollback()
            raise
        app.commit()
        return counts.total, counts.added, counts.new

    def refused(self, body: str, syntax: int = TEXT) -> str:
        with pytest.raises(PageFault) as fault:
            self.page(body, syntax)
        return str(fault.value)

    def nothing(self) -> None:
        self.time += 10
        app = self.storage.appender()
        self.samples.store_nothing(app, self.time)
        app.commit()

    def series(self, name: str, **labels: str) -> list[tuple[int, float | str]]:
        found = self.storage.series(Labels.of(__name__=name, job="j", **labels))
        return [(t, "stale" if is_stale(v) else "nan" if math.isnan(v) else float(v)) for t, v in found]

    def counter(self, name: str) -> float:
        return self.registry.get_sample_value(f"prometheus_target_{name}_total") or 0.0


def test_a_series_goes_on() -> None:
    target = Scraped()
    assert target.page('a{x="1"} 1\nb 2\n') == (2, 2, 2)
    assert target.page('a{x="1"} 3\nb 4\n') == (2, 2, 0)
    assert target.series("a", x="1") == [(1000, 1), (1010, 3)]
    assert target.series("b") == [(1000, 2), (1010, 4)]


def test_a_vanished_series_gets_one_stale_marker() -> None:
    target = Scraped()
    target.page("a 1\nb 1\n")
    target.page("a 2\n")
    target.page("a 3\n")
    target.page("a 4\nb 4\n")
    assert target.series("b") == [(1000, 1), (1010, "stale"), (1030, 4)]


def test_a_failed_scrape_ends_every_series() -> None:
    target = Scraped()
    target.page("a 1\nb 1\n")
    target.nothing()
    target.nothing()
    assert target.series("a") == target.series("b") == [(1000, 1), (1010, "stale")]


def test_one_series_under_two_spellings_does_not_end() -> None:
    target = Scraped()
    target.page('a{x="1",y="2"} 1\n')
    target.page('a{y="2",x="1"} 2\n')
    assert target.series("a", x="1", y="2") == [(1000, 1), (1010, 2)]


def test_timestamps() -> None:
    target = Scraped()
    target.page("a 1 500\nb 1\n")
    target.page("b 2\n")
    # A series with its own timestamps is not ended for it.
    assert target.series("a") == [(500, 1)]
    tracked = Scraped(track_timestamps_staleness=True)
    tracked.page("a 1 500\n")
    tracked.page("b 1\n")
    assert tracked.series("a") == [(500, 1), (1010, "stale")]
    ignored = Scraped(honor_timestamps=False)
    ignored.page("a 1 500\n")
    assert ignored.series("a") == [(1000, 1)]


def test_openmetrics_timestamps_are_seconds() -> None:
    target = Scraped()
    target.page("a 1 0.5\nb 2 1.2345678\n# EOF\n", OPENMETRICS)
    assert (target.series("a"), target.series("b")) == ([(500, 1)], [(1234, 2)])


def test_repeated_lines_are_counted() -> None:
    target = Scraped()
    assert target.page("a 1\na 2\nb 1 5\nb 2 6\n") == (4, 4, 2)
    assert target.series("a") == [(1000, 1)]
    assert target.series("b") == [(5, 1), (6, 2)]
    assert target.counter("scrapes_sample_duplicate_timestamp") == 1


def test_samples_out_of_order_and_far_ahead() -> None:
    target = Scraped()
    target.page("a 1 500\n")
    assert target.page(f"a 2 400\nb 1 {1010 + 600_000}\nc 1 {1010 + 600_001}\n")[:2] == (3, 3)
    assert target.series("a") == [(500, 1)]
    assert target.series("b") == [(601010, 1)]
    assert target.series("c") == []
    assert target.counter("scrapes_sample_out_of_order") == 1
    assert target.counter("scrapes_sample_out_of_bounds") == 1


def test_nan_is_never_the_stale_marker() -> None:
    target = Scraped()
    target.page("a NaN\n")
    assert target.series("a") == [(1000, "nan")]


@pytest.mark.parametrize(
    ("body", "syntax", "message"),
    [
        ("a 1\nb x\n", TEXT, 'strconv.ParseFloat: parsing "x": invalid syntax while parsing: "b x"'),
        ("a 1_2\n", TEXT, 'unsupported character in float while parsing: "a 1_2"'),
        ('a{b="c} 1\n', TEXT, "expected label value, got"),
        ('{a="ok"} 1', TEXT, 'metric name not set while parsing: "{a=\\"ok\\"} 1"'),
        ("# TYPE a kounter\n", TEXT, 'invalid metric type "kounter"'),
        ("a 1\n", OPENMETRICS, "data does not end with # EOF"),
        ("a 1\n# EOF\nb 2\n", OPENMETRICS, "unexpected data after # EOF"),
        ("a 1 NaN\n# EOF\n", OPENMETRICS, "invalid timestamp NaN"),
        ("# UNIT a_seconds meters\n# EOF\n", OPENMETRICS, 'unit "meters" not a suffix of metric "a_seconds"'),
    ],
)
def test_a_faulty_page_is_refused_whole(body: str, syntax: int, message: str) -> None:
    target = Scraped()
    assert message in target.refused(body, syntax)
    assert all(not samples for samples in target.storage.samples)


def test_after_a_faulty_page_the_series_go_on() -> None:
    target = Scraped()
    target.page("a 1\n")
    target.refused("a 2\nnew 1\nbroken\n")
    target.nothing()
    assert target.page("a 4\nnew 4\n")[:2] == (2, 2)
    assert target.series("a") == [(1000, 1), (1020, "stale"), (1030, 4)]
    assert target.series("new") == [(1030, 4)]


def test_sample_limit_counts_what_relabelling_leaves() -> None:
    drop = RelabelConfig(source_labels=("__name__",), regex="d.*", action="drop")
    target = Scraped(sample_limit=2, relabel=(drop,))
    assert target.page("a 1\nb 1\nd1 1\nd2 1\nd2 1\n") == (5, 2, 2)
    assert target.refused("a 1\nb 1\nc 1\n") == "sample limit exceeded"
    assert target.counter("scrapes_exceeded_sample_limit") == 1
    assert target.page("a 1\nb 1\n") == (2, 2, 0)


def test_label_limits_are_counted() -> None:
    target = Scraped(label_limit=2)
    assert target.refused('a{x="1"} 1\n').startswith("label_limit exceeded")
    assert target.counter("scrape_pool_exceeded_label_limits") == 1


def test_a_series_that_the_store_dropped_is_named_again() -> None:
    target = Scraped()
    target.page("a 1\nb 1\n")
    storage = target.storage
    storage.refs.clear()
    storage.sets.clear()
    storage.samples.clear()
    assert target.page("a 2\nb 2\n") == (2, 2, 0)
    assert target.series("a") == [(1010, 2)]
    assert target.series("b") == [(1010, 2)]


def test_lines_that_stay_away_are_forgotten() -> None:
    target = Scraped()
    for page in range(30):
        target.page("".join(f'a{{id="{page}-{i}"}} 1\n' for i in range(200)))
    assert len(target.samples._page) <= 2 * 200 + 1000 + 200
    assert target.series("a", id="28-5") == [(1280, 1), (1290, "stale")]


def test_taking_over_from_other_rules() -> None:
    old = Scraped()
    old.page("a 1\nb 1\n")
    new = Scraped(relabel=(RelabelConfig(source_labels=("__name__",), regex="b", action="drop"),))
    new.storage, new.time = old.storage, old.time
    new.samples._storage = old.storage
    new.samples.adopt(old.samples)
    new.page("a 2\nb 2\n")
    assert new.series("a") == [(1000, 1), (1010, 2)]
    assert new.series("b") == [(1000, 1), (1010, "stale")]


def test_report_series_survive_a_store_that_forgets() -> None:
    storage = MemoryStorage()
    report = ReportSeries(TARGET, extra=True)
    for time in (1, 2):
        app = storage.appender()
        report.write(app, time, [1.0, 0.5, 3, 2, 1, 10.0, 100, 512])
        app.commit()
        if time == 1:
            storage.refs.clear()
            storage.sets.clear()
            storage.samples.clear()
    got = {labels.name: storage.series(labels) for labels in storage.sets}
    assert got["up"] == [(2, 1.0)]
    assert got["scrape_body_size_bytes"] == [(2, 512.0)]
    assert set(got) == {*ReportSeries.NAMES, *ReportSeries.EXTRA}
