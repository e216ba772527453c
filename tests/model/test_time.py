from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.model.time import (
    DurationError,
    format_duration,
    format_go_duration,
    format_rfc3339,
    parse_api_time,
    parse_duration,
    parse_go_duration,
    parse_rfc3339,
)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("15s", 15_000),
        ("1h30m", 5_400_000),
        ("1d", 86_400_000),
        ("250ms", 250),
        ("1y2w", 365 * 86_400_000 + 14 * 86_400_000),
    ],
)
def test_parse_duration(text: str, ms: int) -> None:
    assert parse_duration(text) == ms


@pytest.mark.parametrize("text", ["", "1", "1x", "-1s", "1s1m", "1.5h", "1m1m", "s", "10000y"])
def test_no_durations(text: str) -> None:
    with pytest.raises(DurationError):
        parse_duration(text)


@given(st.integers(0, 9 * 10**12))
def test_durations_print_back(ms: int) -> None:
    assert parse_duration(format_duration(ms)) == ms


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1.5h", 5400 * 10**9),
        ("-2m30s", -150 * 10**9),
        ("100us", 100_000),
        ("0", 0),
        ("1h0m0s", 3600 * 10**9),
    ],
)
def test_go_durations(text: str, ns: int) -> None:
    assert parse_go_duration(text) == ns


@given(st.integers(-(10**17), 10**17))
def test_go_durations_print_back(ns: int) -> None:
    assert parse_go_duration(format_go_duration(ns)) == ns


@given(st.integers(0, 4 * 10**18))
def test_rfc3339_prints_back(ns: int) -> None:
    assert parse_rfc3339(format_rfc3339(ns)) == ns


def test_rfc3339_offsets() -> None:
    assert parse_rfc3339("2020-01-01T01:00:00.5+01:00") == parse_rfc3339("2020-01-01T00:00:00.5Z")


@pytest.mark.parametrize(
    ("text", "ms"),
    [("1.5", 1500), ("1435781451.781", 1435781451781), ("2015-07-01T20:10:51.781Z", 1435781451781)],
)
def test_api_times(text: str, ms: int) -> None:
    assert parse_api_time(text) == ms


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "2015-07-01"])
def test_no_api_times(text: str) -> None:
    with pytest.raises(ValueError):
        parse_api_time(text)


def test_the_zero_time_of_go_has_a_year_of_four_digits() -> None:
    assert format_rfc3339(-62135596800 * 10**9) == "0001-01-01T00:00:00Z"
