"""A page's line to the labels it is stored under."""

from __future__ import annotations

import pytest

from vedette.config.relabel import RelabelConfig
from vedette.kernels.exposition import TEXT
from vedette.kernels.exposition_lines import TYPES
from vedette.metrics.scrape.series import SeriesFault, SeriesRules, openmetrics_float, series_of
from vedette.model.labels import Labels

TARGET = Labels.of(instance="i", job="j")


def labels(line: str, kind: str = "unknown", **rules: object) -> str:
    made = series_of(line.encode(), TEXT, TYPES.index(kind), SeriesRules(TARGET, **rules))  # type: ignore[arg-type]
    return str(made)


@pytest.mark.parametrize(
    ("line", "honor", "want"),
    [
        ("a", False, 'a{instance="i", job="j"}'),
        ('a{job="x"}', False, 'a{exported_job="x", instance="i", job="j"}'),
        ('a{job="x"}', True, 'a{instance="i", job="x"}'),
        ('a{job=""}', True, 'a{instance="i"}'),
        ('a{job=""}', False, 'a{instance="i", job="j"}'),
        (
            'a{job="x",exported_job="y"}',
            False,
            'a{exported_exported_job="x", exported_job="y", instance="i", job="j"}',
        ),
        (
            'a{job="x",exported_job="y",exported_exported_job="z"}',
            False,
            'a{exported_exported_exported_job="x", exported_exported_job="z", exported_job="y", instance="i", job="j"}',
        ),
        ('{"ä.b","ü"="1"}', False, '{"ä.b", instance="i", job="j", "ü"="1"}'),
    ],
)
def test_target_labels(line: str, honor: bool, want: str) -> None:
    assert labels(line, honor_labels=honor) == want


def test_renaming_when_the_target_has_the_exported_name_too() -> None:
    rules = SeriesRules(Labels.of(foo="t", exported_foo="u"))
    made = series_of(b'a{foo="1",exported_foo="2"}', TEXT, 0, rules)
    assert made == Labels.of(
        __name__="a", foo="t", exported_foo="u", exported_exported_foo="1", exported_exported_exported_foo="2"
    )


@pytest.mark.parametrize(
    ("line", "kind", "want"),
    [
        ('h_bucket{le="1"}', "histogram", 'le="1.0"'),
        ('h_bucket{le="1e-04"}', "histogram", 'le="0.0001"'),
        ('h_bucket{le="10000000000"}', "histogram", 'le="1e+10"'),
        ('h_bucket{le="+Inf"}', "histogram", 'le="+Inf"'),
        ('h_bucket{le="x"}', "histogram", 'le="x"'),
        ('h_bucket{le="1"}', "counter", 'le="1"'),
        ('s{quantile="0"}', "summary", 'quantile="0.0"'),
        ('s{le="1"}', "summary", 'le="1"'),
    ],
)
def test_boundaries_are_written_in_one_way(line: str, kind: str, want: str) -> None:
    assert want in labels(line, kind)


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (0.0, "0.0"),
        (-1.0, "-1.0"),
        (123456.0, "123456.0"),
        (1234567.0, "1.234567e+06"),
        (1e21, "1e+21"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (1.5e-7, "1.5e-07"),
        (2.5, "2.5"),
        (100.0, "100.0"),
        (8.999999999999998, "8.999999999999998"),
        (float("-inf"), "-Inf"),
        (float("nan"), "NaN"),
    ],
)
def test_floats_as_go_writes_them(value: float, want: str) -> None:
    assert openmetrics_float(value) == want


def test_relabelling_drops_and_renames() -> None:
    drop = RelabelConfig(source_labels=("__name__",), regex="go_.*", action="drop")
    rename = RelabelConfig(source_labels=("__name__",), regex="(.*)_old", target_label="__name__")
    assert labels("go_gc", relabel=(drop, rename)) == "None"
    assert labels("a_old", relabel=(drop, rename)) == 'a{instance="i", job="j"}'


@pytest.mark.parametrize(
    ("line", "rules", "message"),
    [
        ('a{x="1",x="2"}', {}, 'label name "x" is not unique: invalid sample'),
        (
            "a",
            {"relabel": (RelabelConfig(regex="__name__", action="labeldrop"),)},
            "missing metric name (__name__ label)",
        ),
        ('{"a.b"}', {"legacy_names": True}, "invalid metric name or label names: "),
        ('a{""="x"}', {}, "invalid metric name or label names: "),
        (
            'a{b="c"}',
            {"label_limit": 3},
            "label_limit exceeded (metric: a, number of labels: 4, limit: 3)",
        ),
        (
            'a{toolong="c"}',
            {"label_name_length_limit": 8, "relabel": (RelabelConfig(target_label="evenlonger"),)},
            None,
        ),
        (
            'a{ninechars="c"}',
            {"label_name_length_limit": 8},
            "label_name_length_limit exceeded (metric: a, label name: ninechars, length: 9, limit: 8)",
        ),
        (
            'a{b="ääää"}',
            {"label_value_length_limit": 7},
            'label_value_length_limit exceeded (metric: a, label name: b, value: "ääää", length: 8, limit: 7)',
        ),
    ],
)
def test_faults(line: str, rules: dict[str, object], message: str | None) -> None:
    if message is None:
        assert labels(line, **rules)
        return
    with pytest.raises(SeriesFault) as fault:
        labels(line, **rules)
    assert str(fault.value).startswith(message)
    assert fault.value.limit is ("limit exceeded" in message)
