"""JSON fields by kernel, against the plain reader."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.kernels import logjson
from vedette.logs.batch import Batch
from vedette.logs.parsers.json import parse_plainly
from vedette.logs.parsers.json_scan import text_of

keys = st.one_of(
    st.sampled_from(["a", "b", "a_b", "a b", "1st", "", " ", "é", "a.b", "status"]), st.text(max_size=4)
)
leaves = st.one_of(st.text(max_size=20), st.integers(), st.floats(allow_nan=False), st.booleans(), st.none())
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
documents = st.dictionaries(keys, values, max_size=6)


def plainly(line: bytes) -> tuple[str | None, dict[str, str]]:
    found: dict[str, str] = {}
    fault = parse_plainly(line, lambda name, value: found.setdefault(name, value) and None)
    return fault, found


def damaged(line: bytes, data: st.DataObject) -> bytes:
    for _ in range(data.draw(st.integers(0, 2))):
        at = data.draw(st.integers(0, max(len(line) - 1, 0)))
        patch = data.draw(st.sampled_from([b"", b'"', b"\\", b"{", b"}", b",", b":", b"[", b"x"]))
        line = line[:at] + patch + line[at + 1 :]
    return line.decode("utf-8", "replace").encode()


@given(documents, st.booleans(), st.booleans(), st.data())
@settings(max_examples=600, deadline=None)
def test_fields_agree_or_are_odd(document: dict, ascii_only: bool, spaced: bool, data: st.DataObject) -> None:  # type: ignore[type-arg]
    text = json.dumps(document, ensure_ascii=ascii_only, separators=None if spaced else (",", ":"))
    line = damaged(text.encode("utf-8", "replace"), data)
    fault, want = plainly(line)
    known = logjson.fields(line)
    if known is not None:
        got: dict[str, str] = {}
        for name, kind, raw in known:
            got.setdefault(name, raw.decode("utf-8", "replace") if kind == 3 else text_of(raw) or "")
        assert (None, got) == (fault, want)
    names = ["a", "a_b", "status", "_1st", "b"]
    check_extract(line, names, fault, want)


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":{"a":[""{[]]}}',
        b'{"a":{"a":[}]}}',
        b'{"a":{"a":[}{]}}',
        b'{"a":{"a":[{"b":[1]}]},"b":2}',
        b'{"a":[{]}',
    ],
)
def test_braces_in_arrays(line: bytes) -> None:
    fault, want = plainly(line)
    known = logjson.fields(line)
    if known is not None:
        assert fault is None
    check_extract(line, ["a", "a_b", "b"], fault, want)


def check_extract(line: bytes, names: list[str], fault: str | None, want: dict[str, str]) -> None:
    batch = Batch.of([(0, b"before", ()), (1, line, ())])
    ends = np.cumsum([len(name) for name in names], dtype=np.int32)
    starts = (ends - [len(name) for name in names]).astype(np.int32)
    found = [np.zeros((len(names), 1), dtype=np.int32) for _ in range(2)]
    kinds, clean = np.zeros((len(names), 1), dtype=np.uint8), np.zeros(1, dtype=np.uint8)
    rows = np.array([1], dtype=np.int32)
    joined = "".join(names).encode()
    logjson.extract(batch.buffer, batch.starts, batch.ends, rows, joined, starts, ends, *found, kinds, clean)
    if not clean[0]:
        return
    assert fault is None
    for place, name in enumerate(names):
        at, to = int(found[0][place, 0]), int(found[1][place, 0])
        if at < 0:
            assert name not in want
        else:
            raw = batch.buffer[at:to]
            assert want[name] == (raw.decode() if kinds[place, 0] == 3 else text_of(raw) or "")


def test_ordinary_lines_are_never_odd() -> None:
    for text in (
        "{}",
        '{"a":1}',
        ' {"a": {"b": [1, "]"]}, "c": "x\\"y"} ',
        '{"a":-1.5e+10,"b":true,"c":null}',
    ):
        assert logjson.fields(text.encode()) is not None, text
