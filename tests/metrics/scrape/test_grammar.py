"""Faulty pages: the original's parsers and ours refuse the same ones, and ours say why."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.test_exposition import PAGES, SYNTAXES
from support.shared import SHARED
from vedette.kernels.exposition import OPENMETRICS, TEXT, Page
from vedette.metrics.scrape.grammar import explain

FOLDER = SHARED / "conformance" / "openmetrics"

# What the OpenMetrics test suite wants refused and Prometheus's parser accepts: it looks at one line at a time, so it
# doesn't know families, and these are faults between lines or of a family's values.
BETWEEN_LINES = [
    "bad_clashing_names",
    "bad_counter_values",
    "bad_exemplars_on_unallowed",
    "bad_grouping_or_ordering",
    "bad_histograms",
    "bad_info_and_stateset_values",
    "bad_metadata_in_wrong_place",
    "bad_missing_or_invalid_labels_for_a_type",
    "bad_repeated_metadata",
    "bad_stateset_info_values",
]
# Single lines about which Prometheus is more lenient: a trailing comma, exemplars of any length, units of infos; label
# names that stand twice are refused later, when the series is named.
LENIENT = {
    *(
        "bad_missing_or_extra_commas_2",
        "bad_exemplars_6",
        "bad_exemplar_complex_chars",
        "bad_unit_6",
        "bad_unit_7",
    ),
    *("bad_invalid_labels_2", "bad_invalid_labels_5"),
}


def cases() -> list[Path]:
    return sorted(FOLDER.iterdir()) if FOLDER.exists() else []


@pytest.mark.skipif(not FOLDER.exists(), reason="conformance/openmetrics is not beside this checkout")
@pytest.mark.parametrize("case", cases(), ids=lambda path: path.name)
def test_openmetrics_suite(case: Path) -> None:
    must_parse = json.loads((case / "test.json").read_text())["shouldParse"]
    body = (case / "metrics").read_bytes()
    page = Page()
    page.scan(body, OPENMETRICS)
    if must_parse:
        assert page.fault == -1, explain(body, page.fault, OPENMETRICS)
    elif page.fault < 0:
        assert case.name in LENIENT or case.name.startswith(tuple(BETWEEN_LINES))
    else:
        assert "invalid line" not in explain(body, page.fault, OPENMETRICS)


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=400, deadline=None)
def test_every_fault_is_explained(syntax: int, seed: int) -> None:
    chance = random.Random(seed)
    changed = bytearray(PAGES[syntax])
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(changed))
        changed[at : at + chance.randint(0, 3)] = bytes([chance.choice(b'\n {}="\\#,_aE0. \t\x00\xff\xc3')])
    body = bytes(changed)
    page = Page()
    page.scan(body, syntax)
    if page.fault >= 0:
        message = explain(body, page.fault, syntax)
        assert message
        assert not message.startswith("invalid line"), (message, body[page.fault :])


@pytest.mark.parametrize(
    ("body", "syntax", "message"),
    [
        (b"a", TEXT, 'expected value after metric, got "" ("EOF") while parsing: "a"'),
        (b"a{b='c'} 1\n", TEXT, 'expected label value, got "\'" ("INVALID") while parsing: "a{b=\'"'),
        (
            b'a{b="c"\n',
            TEXT,
            'expected label name, got "\\n" ("LINEBREAK") while parsing: "a{b=\\"c\\"\\n"',
        ),
        (b'{"x","y"} 1\n', TEXT, 'metric name already set while parsing: "{\\"x\\",\\"y\\""'),
        (
            b"a 1 1_2\n",
            TEXT,
            'expected next entry after timestamp, got "_" ("INVALID") while parsing: "a 1 1_"',
        ),
        (b"a 1 x\n", TEXT, 'expected timestamp or new record, got "x" ("INVALID") while parsing: "a 1 x"'),
        (b"# HELP a \xff\n", TEXT, 'help text "\\xff" is not a valid utf8 string'),
        (
            b"a 1e999\n",
            TEXT,
            'strconv.ParseFloat: parsing "1e999": value out of range while parsing: "a 1e999"',
        ),
        (
            b"\n# EOF\n",
            OPENMETRICS,
            'expected a valid start token, got "\\n" ("LINEBREAK") while parsing: "\\n"',
        ),
        (b"", OPENMETRICS, "data does not end with # EOF"),
        (b"a_total 1 # {} 1 Inf\n# EOF\n", OPENMETRICS, "invalid exemplar timestamp +Inf"),
    ],
)
def test_messages(body: bytes, syntax: int, message: str) -> None:
    page = Page()
    page.scan(body, syntax)
    assert explain(body, page.fault, syntax) == message
