"""Exposition pages: the kernel against its plain twin, on whole, cut, changed and repeated pages."""

from __future__ import annotations

import math
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.exposition_twin import Read, read
from vedette.kernels.exposition import DROPPED, NEW, OPENMETRICS, TEXT, Page
from vedette.kernels.exposition_lines import series_labels

SYNTAXES = [TEXT, OPENMETRICS]

PAGE_TEXT = b"""\
# HELP http_requests_total Requests, \\\\ and \\n escaped.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# a comment
#
#not one either
  \tindented 1
 {"utf8.name", "a.b"="x" , c="d",} 12.5
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
lines{a="one
two"} 3
with_nul{a="x\x00y"} 1
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds_sum 1.7560473e+07
odd {} +Inf
odd2{a="b"}NaN
double 1
double 2
double 3 4
last -Inf"""

PAGE_OPENMETRICS = b"""\
# HELP a help with \\" and \\n
# TYPE a_seconds counter
# UNIT a_seconds seconds
a_seconds_total{code="200"} 1.0 # {trace_id="x # y",b="c"} 0.67 1520879607.789
a_seconds_total{code="500"} 17 1520879607.789 # {} 1
{"q.r",le="+Inf"} 3e2 -12.5
# TYPE b gauge
b{c="d",} NaN
b{c="e"} -0
g 1 0.0000001
# EOF
"""
PAGES = {TEXT: PAGE_TEXT, OPENMETRICS: PAGE_OPENMETRICS}


def bits(value: float) -> bytes:
    return b"nan" if math.isnan(value) else struct.pack("<d", value)


def scanned(page: Page, body: bytes, syntax: int, honor_times: bool = True) -> Read:
    rows, values, times = page.scan(body, syntax, honor_times)
    samples = [
        (page.line(row), value, time)
        for row, value, time in zip(rows.tolist(), values.tolist(), times.tolist(), strict=True)
    ]
    return Read(samples, page.total, page.fault)


def same(got: Read, want: Read, body: bytes) -> None:
    assert (got.fault, got.total) == (want.fault, want.total), body
    assert [(k, bits(v), t) for k, v, t in got.samples] == [(k, bits(v), t) for k, v, t in want.samples], body


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_whole_pages(syntax: int) -> None:
    want = read(PAGES[syntax], syntax)
    assert want.fault == -1
    assert want.total > 5
    same(scanned(Page(), PAGES[syntax], syntax), want, PAGES[syntax])


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_cut_at_every_byte(syntax: int) -> None:
    body = PAGES[syntax]
    warm = Page()
    warm.scan(body, syntax)
    for end in range(len(body)):
        want = read(body[:end], syntax)
        same(scanned(Page(), body[:end], syntax), want, body[:end])
        same(scanned(warm, body[:end], syntax), want, body[:end])


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=400, deadline=None)
def test_changed_bytes(syntax: int, seed: int) -> None:
    chance = random.Random(seed)
    page = Page()
    body = PAGES[syntax]
    for _ in range(4):
        changed = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(changed))
            what = chance.randrange(3)
            char = chance.choice(b'\n {}="\\#,_aE0. \t\x00\xff\xc3')
            if what == 0:
                changed[at] = char
            elif what == 1:
                changed.insert(at, char)
            else:
                del changed[at : at + chance.randint(1, 8)]
        text = bytes(changed)
        same(scanned(page, text, syntax), read(text, syntax), text)


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(st.lists(st.sampled_from(range(12)), max_size=30), st.lists(st.sampled_from(range(12)), max_size=30))
@settings(max_examples=200, deadline=None)
def test_lines_in_another_order(syntax: int, first: list[int], second: list[int]) -> None:
    page = Page()
    for order in (first, second, first):
        body = b"".join(b'm%d{a="%d"} %d.5\n' % (i % 5, i, i) for i in order)
        body += b"# EOF\n" if syntax == OPENMETRICS else b""
        same(scanned(page, body, syntax), read(body, syntax), body)


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes(syntax: int, body: bytes) -> None:
    same(scanned(Page(), body, syntax), read(body, syntax), body)


def test_timestamps_need_not_be_honored() -> None:
    same(scanned(Page(), PAGE_TEXT, TEXT, False), read(PAGE_TEXT, TEXT, False), PAGE_TEXT)


def test_very_long_lines() -> None:
    for body in (
        b"a" * 10**6 + b" 1\n",
        b'a{b="' + b"c" * 10**6 + b'"} 1\n',
        b"a " + b"1" * 10**6 + b"\n",
        b"a{" * 10**5,
    ):
        page = Page()
        rows, values, _ = page.scan(body, TEXT)
        assert (page.fault, len(rows)) in [(-1, 1), (0, 0)]
        if len(rows):
            assert values[0] == 1
            assert page.line(int(rows[0])) == body[:-3]


def test_rows_keep_their_references() -> None:
    page = Page()
    rows, _, _ = page.scan(b"a 1\nb 2\n# TYPE c gauge\nc 3\n", TEXT)
    assert page.refs(rows).tolist() == [NEW, NEW, NEW]
    for row, ref in zip(rows.tolist(), (70, DROPPED, 72), strict=True):
        page.set_ref(row, ref)
    again, values, _ = page.scan(b"c 30\nd 4\na 10\n", TEXT)
    assert page.refs(again).tolist() == [72, NEW, 70]
    assert values.tolist() == [30, 4, 10]
    page.forget_unseen()
    assert len(page) == 3
    kept, _, _ = page.scan(b"c 30\nd 4\na 10\nb 1\n", TEXT)
    assert page.refs(kept).tolist() == [72, NEW, 70, NEW]


def test_repeated_lines() -> None:
    page = Page()
    rows, _, _ = page.scan(b"a 1\nb 1\na 2\n", TEXT)
    # Nobody knows the series yet: all lines are there.
    assert (len(rows), page.duplicates, page.total) == (3, 0, 3)
    page.set_ref(int(rows[0]), 7)
    page.set_ref(int(rows[1]), DROPPED)
    rows, values, _ = page.scan(b"a 1\nb 1\na 2\nb 2\na 3 9\n", TEXT)
    assert values.tolist() == [1, 1, 3]
    assert (page.duplicates, page.total) == (1, 5)


def test_types_reach_the_series_below_them() -> None:
    page = Page()
    rows, _, _ = page.scan(b"a 1\n# TYPE h histogram\nh_sum 1\n# TYPE s summary\ns 1\n", TEXT)
    assert [page.row_type(row) for row in rows.tolist()] == [0, 3, 5]


def test_metadata_lines_fade() -> None:
    page = Page()
    page.scan(b"# HELP a text\n# TYPE a gauge\na 1\n# remark\n", TEXT)
    assert page.metadata_lines(2) == [b"# HELP a text\n", b"# TYPE a gauge\n"]
    page.scan(b"a 1\n", TEXT)
    assert len(page.metadata_lines(2)) == 2
    page.scan(b"a 1\n", TEXT)
    assert page.metadata_lines(2) == []


def test_another_syntax_starts_afresh() -> None:
    page = Page()
    rows, _, _ = page.scan(b"a  1\n", TEXT)
    page.set_ref(int(rows[0]), 5)
    page.scan(b"a  1\n# EOF\n", OPENMETRICS)
    assert page.fault == 0


def test_rows_are_checked() -> None:
    page = Page()
    for call in (page.line, page.ref, page.row_type, lambda row: page.set_ref(row, 1)):
        with pytest.raises(IndexError):
            call(0)
    with pytest.raises(IndexError):
        page.refs(np.array([-1], dtype=np.int32))


@pytest.mark.parametrize(
    ("line", "want"),
    [
        (b"a", [("__name__", "a")]),
        (b'a {b = "c" , "d.e"="f",}', [("__name__", "a"), ("b", "c"), ("d.e", "f")]),
        (b'{"x y",b=""}', [("__name__", "x y"), ("b", "")]),
        (b'a{b="\\\\ \\" \\n \\z"}', [("__name__", "a"), ("b", '\\ " \n \\z')]),
        ('a{b="☃"}'.encode(), [("__name__", "a"), ("b", "☃")]),
        (b'a{b="1",b="2"}', [("__name__", "a"), ("b", "1"), ("b", "2")]),
    ],
)
def test_labels_of_a_line(line: bytes, want: list[tuple[str, str]]) -> None:
    assert series_labels(line, TEXT) == want


@pytest.mark.parametrize("line", [b"", b"{", b'a{b="\xff"}', b"a 1", b'{a="1"}', b'a{b="c"'])
def test_what_is_no_series(line: bytes) -> None:
    with pytest.raises(ValueError, match="not a series"):
        series_labels(line, TEXT)


def test_real_pages() -> None:
    from support.shared import shared_path

    folder: Path = shared_path("conformance/exposition")
    for path in folder.iterdir():
        syntax = OPENMETRICS if ".om." in path.name else TEXT
        body = path.read_bytes()
        want = read(body, syntax)
        assert want.fault == -1
        page = Page()
        same(scanned(page, body, syntax), want, b"")
        same(scanned(page, body, syntax), want, b"")
