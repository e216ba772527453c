from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.model.golayout import NAMED, format_time, load_zone, parse_time
from vedette.model.time import parse_rfc3339

T = parse_rfc3339("2006-01-02T22:04:05.123456789Z")


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("RFC3339Nano", "2006-01-02T22:04:05.123456789Z"),
        ("RFC3339", "2006-01-02T22:04:05Z"),
        ("ANSIC", "Mon Jan  2 22:04:05 2006"),
        ("RFC1123Z", "Mon, 02 Jan 2006 22:04:05 +0000"),
        ("RFC850", "Monday, 02-Jan-06 22:04:05 UTC"),
        ("2006/01/02 3:04:05.000 PM", "2006/01/02 10:04:05.123 PM"),
        ("02/Jan/2006:15:04:05 -0700", "02/Jan/2006:22:04:05 +0000"),
    ],
)
def test_layouts_write_and_read(layout: str, text: str) -> None:
    assert format_time(T, NAMED.get(layout, layout)) == text
    assert abs(parse_time(NAMED.get(layout, layout), text) - T) < 10**9


def test_zones() -> None:
    assert parse_time(NAMED["RFC3339"], "2006-01-02T23:04:05+01:00") == T // 10**9 * 10**9
    berlin = load_zone("Europe/Berlin")
    assert parse_time("2006-01-02 15:04:05", "2006-01-02 23:04:05", berlin) == T // 10**9 * 10**9
    assert format_time(T, "15:04 MST -07:00", berlin) == "23:04 CET +01:00"
    with pytest.raises(ValueError, match="unknown time zone"):
        load_zone("Nowhere/Land")


def test_a_fraction_behind_the_seconds_is_read_unasked() -> None:
    assert parse_time("2006-01-02 15:04:05", "2006-01-02 22:04:05.5") == T // 10**9 * 10**9 + 5 * 10**8


def test_a_missing_year_is_the_likely_one() -> None:
    now = parse_rfc3339("2021-01-01T00:10:00Z")
    assert parse_time("Jan _2 15:04:05", "Dec 31 23:59:59", near_ns=now) == parse_rfc3339(
        "2020-12-31T23:59:59Z"
    )


@given(st.integers(0, 4 * 10**18))
def test_nanoseconds_print_back(ns: int) -> None:
    assert parse_time(NAMED["RFC3339Nano"], format_time(ns, NAMED["RFC3339Nano"])) == ns


@pytest.mark.parametrize("name", sorted(NAMED))
def test_nonsense_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        parse_time(NAMED[name], "yesterday")


@pytest.mark.parametrize(
    ("layout", "text", "fits"),
    [
        ("15:04:05.000", "10:00:00.123", True),
        ("15:04:05.000", "10:00:00.12", False),
        ("15:04:05.000", "10:00:00", False),
        ("15:04:05,999", "10:00:00", True),
        ("15:04:05.999", "10:00:00.123456", True),
        ("Jan 2", "jAN 5", True),
        ("Monday", "sunday", True),
        ("2006-01-02", "2006-02-30", False),
        ("02", "31", True),
        ("15", "24", False),
    ],
)
def test_what_fits_a_layout(layout: str, text: str, fits: bool) -> None:
    try:
        parse_time(layout, text)
    except ValueError as error:
        assert not fits and str(error).startswith(f'parsing time "{text}"')
    else:
        assert fits


def test_a_leap_day_without_a_year() -> None:
    now = parse_rfc3339("2024-03-01T00:00:00Z")
    assert parse_time("Jan _2", "Feb 29", near_ns=now) == parse_rfc3339("2024-02-29T00:00:00Z")
    with pytest.raises(ValueError, match="out of range"):
        parse_time("Jan _2", "Feb 29", near_ns=parse_rfc3339("2023-03-01T00:00:00Z"))
