"""Well-typed PromQL queries for `hypothesis`, written with more blanks, parentheses and capitals than needed."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

_METRICS = ["up", "http_requests_total", "a:b:rate5m", "sum", "by", "offset", "and", "start", "group"]
_LATE_METRICS = ["fill", "step", "range", "anchored", "min_of"]
_MATCHERS = ['job="api"', 'code=~"5.."', "x!=''", "y !~ `z|w`", '__name__="up"', 'a="é\\n\\x41"']
_LATE_MATCHERS = ['"a.b"="c"', '"é" =~ "x.+"']
_LABELS = ["job", "le", "on", "sum", "by", "bool"]
_LATE_LABELS = ['"a.b"', "'x y'", "a:b", "step"]
_DURATIONS = ["5m", "1h30m", "90s", "1d", "2w", "15ms"]
_LATE_DURATIONS = [
    "300",
    "0.5",
    "5m+step()",
    "(1h / 2) * 3",
    "min_of(step(), 1m)",
    "-(range() - 1d) + 2d",
    "0x10",
]
_OVER_TIME = ["rate", "increase", "sum_over_time", "changes", "absent_over_time"]
_OF_VECTORS = ["abs", "ceil", "ln", "sort", "timestamp", "histogram_sum_of", "hour"]
_SIMPLE_AGGREGATORS = ["sum", "avg", "MAX", "count", "stddev", "group"]
_ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2"]
_COMPARISONS = ["==", "!=", "<", ">", "<=", ">="]
_SETS = ["and", "or", "unless"]
# Infinity is printed with a sign, which before `^` is read as an operator: here it has parentheses.
_NUMBERS = ["1", "0.5", "1e3", "0x1F", "NaN", "(Inf)", ".5"]
_LATE_NUMBERS = ["1h", "1_000", "1e-9"]


@dataclass(frozen=True)
class _Words:
    """What the generator chooses from: everything, or what was there in Prometheus 2.42 already."""

    metrics: list[str]
    matchers: list[str]
    labels: list[str]
    durations: list[str]
    numbers: list[str]
    late: bool


def _words(*, late: bool) -> _Words:
    return _Words(
        _METRICS + _LATE_METRICS * late,
        _MATCHERS + _LATE_MATCHERS * late,
        _LABELS + _LATE_LABELS * late,
        _DURATIONS + _LATE_DURATIONS * late,
        _NUMBERS + _LATE_NUMBERS * late,
        late,
    )


def queries(*, late: bool = True) -> st.SearchStrategy[str]:
    """Instant vectors and scalars; `late` with what came after Prometheus 2.42."""
    return st.composite(lambda draw: _Writer(draw, _words(late=late)).expression(0))()


class _Writer:
    def __init__(self, draw: st.DrawFn, words: _Words) -> None:
        self.draw = draw
        self.words = words

    def one(self, choices: list[str]) -> str:
        return self.draw(st.sampled_from(choices))

    def chance(self, of: int) -> bool:
        return self.draw(st.integers(0, of - 1)) == 0

    def blank(self) -> str:
        return self.one(["", " ", " ", "\n  ", " # why\n"])

    def expression(self, depth: int) -> str:
        return self.scalar(depth) if self.chance(6) else self.vector(depth)

    def scalar(self, depth: int) -> str:
        kind = self.draw(st.integers(0, 2 if depth > 2 else 5))
        if kind < 2:
            return self.one(self.words.numbers)
        if kind == 2:
            return f"{self.one(['-', '+'])}{self.one(self.words.numbers)}"
        if kind == 3:
            return f"({self.blank()}{self.scalar(depth + 1)} )"
        if kind == 4:
            return f"scalar({self.vector(depth + 1)})"
        return f"{self.scalar(depth + 1)}{self.blank()}{self.one(_ARITHMETIC[:-1])} {self.scalar(depth + 1)}"

    def vector(self, depth: int) -> str:
        kind = self.draw(st.integers(0, 2 if depth > 3 else 9))
        match kind:
            case 0 | 1:
                return self.selector() + self.modifiers()
            case 2:
                return f"{self.one(_OVER_TIME)}({self.range(depth)})"
            case 3:
                return f"({self.vector(depth + 1)}{self.blank()})"
            case 4:
                return f"{self.one(['-', '+'])}{self.blank()}{self.vector(depth + 1)}"
            case 5:
                name = self.one(_OF_VECTORS).removesuffix("_of")
                return f"{name}({self.blank()}{self.vector(depth + 1)})"
            case 6 | 7:
                return self.aggregation(depth)
            case 8:
                return self.binary(depth)
        return f'label_replace({self.vector(depth + 1)}, "d", {self.scalar_text()}, "s", "(.*)")'

    def scalar_text(self) -> str:
        return self.one(['"$1"', "'it\\'s'", "`\\d`", '""'])

    def selector(self) -> str:
        name = self.one(self.words.metrics)
        matchers = self.draw(st.lists(st.sampled_from(self.words.matchers), max_size=3))
        if any("__name__" in m for m in matchers):
            name = ""
        if not matchers:
            return name + self.one(["", "", "{}"])
        return f"{name}{{{', '.join(matchers)}{self.one(['', ',', ' '])}}}"

    def range(self, depth: int) -> str:
        if self.chance(4):
            step = self.duration() if self.chance(2) else ""
            # With nothing but words before a colon, the original does not take it for one.
            span = self.one(_DURATIONS)
            return f"({self.vector(depth + 1)})[{span}:{step}]{self.modifiers(extended=False)}"
        return f"{self.selector()}[{self.duration()}]{self.modifiers()}"

    def duration(self) -> str:
        return self.one(self.words.durations)

    def modifiers(self, *, extended: bool = True) -> str:
        out = ""
        if self.chance(4):
            duration = self.one(_DURATIONS + ["-5m"] + ["(step() * 2)", "-range()", "300"] * self.words.late)
            out += f" offset {duration}"
        if self.chance(6):
            at = f" @ {self.one(['start()', 'end()', '1609746000', '-1.5', '12.3456'])}"
            out = at + out if self.chance(2) else out + at
        if extended and self.words.late and self.chance(10):
            out += self.one([" anchored", " smoothed"])
        return out

    def label_list(self) -> str:
        return f"({', '.join(self.draw(st.lists(st.sampled_from(self.words.labels), max_size=3)))})"

    def aggregation(self, depth: int) -> str:
        kind = self.draw(st.integers(0, 3))
        inner = self.vector(depth + 1)
        if kind == 0:
            op, args = self.one(["topk", "quantile", "bottomk"]), f"{self.scalar(depth + 1)}, {inner}"
        elif kind == 1 and self.words.late:
            op, args = self.one(["limitk", "limit_ratio"]), f"0.5,{inner}"
        elif kind == 2:
            op, args = "count_values", f"'v', {inner}"
        else:
            op, args = self.one(_SIMPLE_AGGREGATORS), inner
        grouping = f"{self.one(['by', 'without', 'BY'])}{self.blank()}{self.label_list()}"
        return self.one([f"{op}({args})", f"{op} {grouping} ({args})", f"{op}({args}) {grouping}"])

    def binary(self, depth: int) -> str:
        kind = self.draw(st.integers(0, 2))
        op = self.one([_ARITHMETIC, _COMPARISONS, _SETS][kind])
        if kind == 1 and self.chance(2):
            op += " bool"
        if self.chance(2):
            op += f" {self.one(['on', 'ignoring'])}{self.label_list()}"
            if kind != 2 and self.chance(2):
                op += f" {self.one(['group_left', 'group_right'])}{self.one(['()', '(x, y)'])}"
        if self.words.late and kind != 2 and self.chance(6):
            op += f" {self.one(['fill(0)', 'fill_left(-1) fill_right(NaN)', 'fill_right(1e30)'])}"
        # Parentheses, so that no operand is taken apart by one that binds tighter.
        return f"({self.vector(depth + 1)}) {op} ({self.vector(depth + 1)})"
