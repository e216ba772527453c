"""Reading scripts: what is accepted, and where a fault is found."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from vedette.metrics.promql.script.commands import Clear, Load, Question, ScriptError, parse_script
from vedette.metrics.promql.script.run import run_script
from vedette.metrics.promql.script.setups import Asked


def question(text: str) -> Question:
    (command,) = parse_script(text)
    assert isinstance(command, Question)
    return command


def test_commands_and_their_lines() -> None:
    load, asked, clear, again = parse_script(
        "# a comment\nload 5m\n\tm{a='1'} 1+1x2 _ stale\n  n@st -1m\n  n 3\n\n"
        "eval range from 0 to 10m step 5m m\n  m{a='1'} 1 2 3\n\nclear\neval instant at -1m 2\n  2\n"
    )
    assert isinstance(load, Load)
    assert (load.line, load.step, load.with_nhcb) == (2, 300_000, False)
    assert [(s.line, str(s.labels), len(s.values)) for s in load.series] == [(3, 'm{a="1"}', 5), (5, "n", 1)]
    assert {str(labels): starts for labels, starts in load.starts.items()} == {"n": (-60_000,)}
    assert isinstance(asked, Question)
    assert (asked.line, asked.query, asked.start, asked.end, asked.step, asked.steps) == (
        7,
        "m",
        0,
        600_000,
        300_000,
        3,
    )
    assert isinstance(clear, Clear)
    assert isinstance(again, Question)
    assert (again.start, again.step, again.expect.scalar) == (-60_000, 0, 2)


def test_no_blank_line_is_needed_between_commands() -> None:
    kinds = [
        type(c).__name__
        for c in parse_script("clear\nload 1m\n m 1\neval instant at 0 m\n m 1\nload 1m\n n 1\nclear")
    ]
    assert kinds == ["Clear", "Load", "Question", "Load", "Clear"]


def test_series_may_be_called_like_commands() -> None:
    (load,) = parse_script("load 1m\n load{a='1'} 1\n eval 1 2\n expect 3\n clear_total 4\n load_average 5")
    assert isinstance(load, Load)
    assert [s.labels.name for s in load.series] == ["load", "eval", "expect", "clear_total", "load_average"]


@pytest.mark.parametrize(
    ("line", "number"),
    [("0x1F", 31), ("017", 15), ("1_000", 1000), ("-Inf", float("-inf")), ("+3", 3), ("1e3", 1000)],
)
def test_a_bare_number_is_a_scalar(line: str, number: float) -> None:
    assert question(f"eval instant at 0 1\n {line}").expect.scalar == number


def test_of_two_lines_of_a_series_the_last_one_counts() -> None:
    (load,) = parse_script("load 1m\n m 1 2 3\n n 1\n {__name__='m'} 4")
    assert isinstance(load, Load)
    assert [(str(s.labels), s.values) for s in load.series] == [("m", (4.0,)), ("n", (1.0,))]


def test_a_range_vector_is_asked_for_at_its_end() -> None:
    asked = question("eval instant at 5m m[1m]\n expect range vector from 1m to 2m step 1m\n m 1 2")
    assert (asked.start, asked.end, asked.step) == (120_000, 120_000, 0)


@pytest.mark.parametrize("old", ["fail", "warn", "info"])
def test_old_forms_expect_anything_of_their_kind(old: str) -> None:
    (pattern,) = getattr(question(f"eval_{old} instant at 0 m").expect, old)
    assert pattern.matches("whatever")


def test_old_forms_of_failures() -> None:
    expect = question("eval_fail instant at 0 m\n expected_fail_message too many").expect
    assert [p.matches("too many") for p in expect.fail] == [True]
    assert not expect.fail[0].matches("too many of them")
    expect = question("eval_fail instant at 0 m\n expected_fail_regexp too (many|few)").expect
    assert expect.fail[0].matches("far too few of them")


def test_expectations() -> None:
    expect = question(
        "eval instant at 0 m\n expect warn msg:close to it\n expect warn regex:  a+b\n expect no_info\n expect ordered\n m 1"
    ).expect
    assert [(p.text, p.regex) for p in expect.warn] == [("close to it", False), ("a+b", True)]
    assert (expect.no_info, expect.no_warn, expect.ordered) == (True, False, True)
    assert question('eval instant at 0 "a"\n expect string `a "b"`').expect.string == 'a "b"'
    assert question(
        "eval instant at 0 m[1m]\n expect range vector from 10s to 1m step 10s"
    ).expect.matrix == (
        10_000,
        60_000,
        10_000,
    )


BLOCKS = [
    block
    for path in sorted((Path(__file__).parent / "scripts").glob("*.test"))
    for block in path.read_text().split("\n\n")
    if block.strip()
]
DAMAGE = [
    "{",
    "}",
    "{{",
    "}}",
    "[",
    '"',
    "x9",
    "_",
    "stale",
    "@st",
    "-",
    "1e999",
    " ",
    "\n",
    "expect ",
    "eval ",
    "=~",
    "é",
    "\0",
]


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_script_is_refused_or_run(seed: int) -> None:
    """Whatever stands in a script: no traceback."""
    random = Random(seed)
    refused = 0
    for _ in range(60):
        text = "\n\n".join(random.choices(BLOCKS, k=2))
        for _ in range(random.randint(1, 4)):
            at = random.randrange(len(text) + 1)
            cut = random.choice([0, 0, 1, 5])
            text = text[:at] + random.choice(["", *DAMAGE]) + text[at + cut :]
        try:
            run_script(text, how=Asked(frozenset()))
        except ScriptError:
            refused += 1
    assert 0 < refused < 60


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("clear\n\nevl instant at 0 m", 3, "not a command: evl instant at 0 m"),
        ("load\n m 1", 1, "not a load: load"),
        ("load 5x\n m 1", 1, 'step 5x: unknown unit "x"'),
        ("load 0\n m 1", 1, "step 0: must be greater than 0"),
        ("load 5m\n m 1\n n one", 3, "n one: not a value: 'one'"),
        ('load 5m\n m{a="1" 1', 2, 'm{a="1" 1:'),
        ('load 5m\n m{a=~"1"} 1', 2, 'a=~"1"'),
        ("load 5m\n m@st soon\n m 1", 2, "m@st soon: not a start timestamp: 'soon'"),
        ("load 5m\n m {{schema:0 colour:3}}", 2, "not a field of a histogram: 'colour'"),
        ("load 5m\n m {{schema:0 sum}}", 2, "not a histogram: {{schema:0 sum}}"),
        ("load 5m\n m {{count:one}}", 2, "count:one"),
        ("load 5m\n m {{counter_reset_hint:maybe}}", 2, "counter_reset_hint:maybe"),
        ("load 5m\n m {{sum:1 sum:2}}", 2, "the field 'sum' is given twice"),
        ("load 5m\n m {{schema:0 count:1", 2, "not a value: '{{schema:0'"),
        ("load 5m\n m 1x99999999999", 2, "x99999999999: more than 1000000 values"),
        ("load 5m\n m _x1000001", 2, "x1000001: more than 1000000 values"),
        ("eval range from 0 to 1y step 1ms m", 1, "more than 1000000 steps"),
        ("eval instant at 99999999999999 m", 1, "time 99999999999999: duration out of range"),
        ("load 5m\n m {{schema:-53 custom_values:[1] buckets:[1 2 3]}}", 2, "1 custom_values have 2 buckets"),
        ("load 5m\n m {{schema:99}}", 2, "there is no schema 99"),
        ("eval instant m", 1, "not an eval: eval instant m"),
        ("eval instant at noon m", 1, "time noon: not a valid duration"),
        ("eval_maybe instant at 0 m", 1, "not an eval: eval_maybe"),
        ("eval range from 0 to 1m m", 1, "not an eval: eval range from 0 to 1m m"),
        ("eval range from 2m to 1m step 1m m", 1, "the end 1m is before the start 2m"),
        ("eval range from 0 to 1m step 0 m", 1, "step 0: must be greater than 0"),
        ("eval range from 0 to 1m step 1m m\n expect ordered", 1, "always sorted by labels"),
        ("eval instant at 0 m\n m 1 2", 2, "m: an instant has one value, not 2"),
        ("eval instant at 0 m\n m 1\n 2", 1, "either a number or series"),
        ("eval instant at 0 m\n expect nothing", 2, "not an expectation: expect nothing"),
        ("eval instant at 0 m\n expect fail text: x", 2, "not an expectation: expect fail text: x"),
        ("eval instant at 0 m\n expect fail msg:", 2, "the text to expect is missing"),
        ("eval instant at 0 m\n expect fail regex: a(b", 2, "regex: a(b:"),
        ("eval instant at 0 m\n expect string Foo", 2, "not a quoted string"),
        ("eval instant at 0 m\n expect range vector from 0 to x step 1", 2, "end x: not a valid duration"),
        (
            "eval instant at 0 m\n expect warn\n expect no_warn",
            1,
            "`expect warn` and `expect no_warn` exclude",
        ),
    ],
)
def test_faults_are_found_at_their_line(text: str, line: int, message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        parse_script(text)
    assert (caught.value.line, message in caught.value.message) == (line, True), caught.value
