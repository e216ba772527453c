"""Random queries, grown from the grammar by type; most name labels and values that exist.

Every method returns the text of an expression of its kind. `depth` is how deep it may still grow.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from .data import BASE, SPAN, DataSet

FLOAT_METRICS = [
    *(
        "requests_total",
        "errors_total",
        "retries_total",
        "load",
        "memory",
        "temp",
        "one",
        "odd",
        "latency_bucket",
    ),
    *("latency_count", "pod", "irregular", "big", "target_info", "build_info"),
]
NATIVE_METRICS = ["sizes", "durations", "depth", "mixture"]
COUNTERS = ["requests_total", "errors_total", "retries_total", "latency_bucket", "latency_count"]

OVER_TIME = [
    *("avg", "min", "max", "sum", "count", "stddev", "stdvar", "last", "present"),
]
COUNTER_FUNCTIONS = ["rate", "increase", "irate", "resets", "changes"]
GAUGE_FUNCTIONS = ["delta", "idelta", "deriv", "changes"]
MATH = [
    *("abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sgn", "sqrt"),
    *(
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atanh",
        "cos",
        "cosh",
        "sin",
        "sinh",
        "tan",
        "tanh",
        "deg",
        "rad",
    ),
]
DATES = ["minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year"]
AGGREGATIONS = ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar"]
ARITHMETIC = ["+", "-", "*", "/", "%", "^", "atan2"]
COMPARISONS = ["==", "!=", "<", ">", "<=", ">="]
RANGES = ["30s", "1m", "90s", "2m", "5m", "5m", "10m", "17m", "1h"]
OFFSETS = ["30s", "1m", "5m", "7m", "-1m", "-5m"]
GROUPINGS = ["job", "instance", "code", "le", "shard", "even", "room", "kind", "none", "pod"]


class Grammar:
    """Grows queries over one data set.

    `modern` allows what Debian's Prometheus 2.42 does not know, `native` the native histograms. `edges` allows times
    on which samples stand.
    """

    def __init__(self, rng: random.Random, data: DataSet, *, modern: bool, native: bool = False) -> None:
        self.rng = rng
        self.data = data
        self.modern = modern
        self.metrics = [m for m in FLOAT_METRICS if m in data.by_name]
        self.fixed_times = False
        self.native_metrics = [m for m in NATIVE_METRICS if m in data.by_name] if native else []

    def query(self) -> str:
        depth = self.rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4])
        return self.scalar(depth) if self.rng.random() < 0.03 else self.vector(depth)

    def instant_query(self) -> str:
        """Also a range vector, which only an instant query may answer with."""
        return self.matrix(1) if self.rng.random() < 0.03 else self.query()

    # ---- by type -----------------------------------------------------------------------------------------------

    def vector(self, depth: int) -> str:
        if depth <= 0:
            return self.selector()
        weighted: list[tuple[int, Callable[[int], str]]] = [
            (4, lambda d: self.selector()),
            (22, self.range_function),
            (20, self.aggregation),
            (14, self.join),
            (11, self.with_scalar),
            (7, self.set_operation),
            (8, self.math),
            (4, self.labels),
            (6, self.quantile_of_buckets),
            (2, self.sort),
            (2, self.absent),
            (3, lambda d: f"-{self.operand(d - 1)}"),
            (2, lambda d: f"({self.vector(d - 1)})"),
            (2, lambda d: f"vector({self.scalar(d - 1)})"),
            (2, self.timestamp),
            (2, self.date),
        ]
        if self.modern:
            weighted += [(3, self.info), (3, self.limit)]
        if self.native_metrics:
            weighted.append((14, self.native))
        return self.pick(weighted)(depth)

    def scalar(self, depth: int) -> str:
        if depth <= 0:
            return self.number()
        weighted: list[tuple[int, Callable[[int], str]]] = [
            (10, lambda d: self.number()),
            (4, lambda d: f"scalar({self.vector(d - 1)})"),
            (2, lambda d: "time()"),
            (1, lambda d: "pi()"),
            (1, lambda d: f"-{self.scalar(d - 1)}"),
            (2, lambda d: f"({self.scalar(d - 1)} {self.rng.choice(ARITHMETIC)} {self.scalar(d - 1)})"),
            (1, lambda d: f"({self.scalar(d - 1)} {self.rng.choice(COMPARISONS)} bool {self.scalar(d - 1)})"),
        ]
        if self.modern:
            weighted += [
                (1, lambda d: self.rng.choice(["start()", "end()", "step()", "range()"])),
                (
                    1,
                    lambda d: (
                        f"{self.rng.choice(['min_of', 'max_of'])}({self.scalar(d - 1)}, {self.scalar(d - 1)})"
                    ),
                ),
            ]
        return self.pick(weighted)(depth)

    def matrix(self, depth: int, name: str | None = None) -> str:
        if depth > 0 and name is None and self.rng.random() < 0.22:
            inner = self.vector(depth - 1)
            step = self.rng.choice(["", "15s", "1m", "37s", "2m", "5m"])
            window = self.rng.choice(["1m", "3m", "5m", "10m", "20m"])
            return (
                f"({inner})[{self.duration(window)}:{self.duration(step) if step else ''}]{self.modifiers()}"
            )
        body = self.body(name)
        window = self.duration(self.rng.choice(RANGES))
        return f"{body}[{window}]{self.modifiers()}"

    # ---- selectors ---------------------------------------------------------------------------------------------

    def selector(self, name: str | None = None) -> str:
        return self.body(name) + self.modifiers()

    def body(self, name: str | None) -> str:
        rng = self.rng
        if name is None and rng.random() < 0.06:
            names = sorted(rng.sample(self.metrics, 2))
            if rng.random() < 0.3:
                names = ["errors_total", "retries_total"]
            matchers = [f'__name__=~"{"|".join(names)}"']
            return "{" + ",".join(matchers + self.matchers(names)) + "}"
        pool = self.metrics + self.native_metrics * 2
        name = name or rng.choice(
            pool if rng.random() < 0.9 else ["nothing", "load", "requests_total", "memory"]
        )
        matchers = self.matchers([name])
        return name + ("{" + ",".join(matchers) + "}" if matchers or rng.random() < 0.03 else "")

    def matchers(self, names: list[str]) -> list[str]:
        rng = self.rng
        known = self.data.label_values(names)
        out = []
        for _ in range(rng.choice([0, 0, 0, 0, 1, 1, 2])):
            label = rng.choice([*known, *known, *known, "none"]) if known else "none"
            values = known.get(label, ["x"])
            op = rng.choice(["=", "=", "!=", "=~", "!~"])
            value = rng.choice(values) if rng.random() < 0.9 else rng.choice(["", "nope"])
            if label == "none" and rng.random() < 0.7:
                op = rng.choice(["!=", "!~"])
            if op in ("=~", "!~"):
                chosen = [v for v in (value, rng.choice(values)) if v.isalnum() and v.isascii()] or ["x"]
                value = rng.choice(["|".join(chosen), chosen[0][:1] + ".*", ".+", ".*", f"({chosen[0]})?"])
            out.append(f"{label}{op}{quoted(value)}")
        return out

    def modifiers(self) -> str:
        rng = self.rng
        parts: list[str] = []
        if self.fixed_times:
            return ""
        if rng.random() < 0.12:
            text = rng.choice(OFFSETS)
            if self.modern and rng.random() < 0.15:
                text = rng.choice(["(1m + 30s)", "(2 * 1m)", "-(30s)", "(step())"])
            parts.append(f"offset {text}")
        if rng.random() < 0.07:
            at = (BASE + rng.randrange(SPAN)) // 1000
            parts.append("@ " + rng.choice(["start()", "end()", f"{at}.25", str(at)]))
        rng.shuffle(parts)
        return "".join(f" {p}" for p in parts)

    def duration(self, text: str) -> str:
        """Sometimes written as later releases allow."""
        if not self.modern or self.rng.random() > 0.06:
            return text
        return self.rng.choice(
            [f"{text} + 30s", f"{text} * 2", "300", "max_of(step(), 45s)", "(1m + 1m)", "2 ^ 7"]
        )

    # ---- functions ---------------------------------------------------------------------------------------------

    def range_function(self, depth: int) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.35:
            name = rng.choice(COUNTERS) if rng.random() < 0.7 else None
            return f"{rng.choice(COUNTER_FUNCTIONS)}({self.matrix(depth - 1, name)})"
        if kind < 0.5:
            return f"{rng.choice(GAUGE_FUNCTIONS)}({self.matrix(depth - 1)})"
        if kind < 0.55:
            return f"quantile_over_time({self.fraction(depth - 1)}, {self.matrix(depth - 1)})"
        if kind < 0.6:
            # 2.42 moves a fixed window on with the steps.
            before, self.fixed_times = self.fixed_times, self.fixed_times or not self.modern
            matrix = self.matrix(depth - 1)
            self.fixed_times = before
            return f"predict_linear({matrix}, {self.scalar(depth - 1)})"
        if kind < 0.64:
            return f"absent_over_time({self.matrix(depth - 1)})"
        if kind < 0.68:
            return f"double_exponential_smoothing({self.matrix(depth - 1)}, {self.factor()}, {self.factor()})"
        if self.modern and kind < 0.78:
            if rng.random() < 0.4:
                # What these mean for native histograms is not written down.
                window = f"{self.body(rng.choice(self.metrics))}[{rng.choice(RANGES)}]"
                function = rng.choice(["rate", "increase", "delta", "resets", "changes"])
                kinds = ["anchored", "smoothed"] if function not in ("resets", "changes") else ["anchored"]
                return f"{function}({window} {rng.choice(kinds)})"
            function = rng.choice(
                ["mad", "first", "ts_of_first", "ts_of_last", "ts_of_min", "ts_of_max"],
            )
            return f"{function}_over_time({self.matrix(depth - 1)})"
        return f"{rng.choice(OVER_TIME)}_over_time({self.matrix(depth - 1)})"

    def math(self, depth: int) -> str:
        rng = self.rng
        inner = self.vector(depth - 1)
        kind = rng.random()
        if kind < 0.6:
            function = rng.choice(MATH)
            if function in ("cos", "sin", "tan", "cosh", "sinh"):
                # Of a large number the last digit decides, or whether the result overflows.
                inner = self.selector(rng.choice(["memory", "pod", "irregular", "one"]))
            return f"{function}({inner})"
        if kind < 0.7:
            return f"round({inner})"
        if kind < 0.8:
            return f"round({inner}, {self.scalar(depth - 1)})"
        if kind < 0.9:
            return f"{rng.choice(['clamp_min', 'clamp_max'])}({inner}, {self.scalar(depth - 1)})"
        return f"clamp({inner}, {self.scalar(depth - 1)}, {self.scalar(depth - 1)})"

    def timestamp(self, depth: int) -> str:
        # In the original `@` in here hides a part of what an offset looks at.
        before, self.fixed_times = self.fixed_times, self.fixed_times or not self.modern
        inner = self.vector(depth - 1)
        self.fixed_times = before
        return f"timestamp({inner})"

    def date(self, depth: int) -> str:
        name = self.rng.choice(DATES)
        if self.rng.random() < 0.3:
            return f"{name}()"
        factor = self.rng.choice(["", " * 1000", " * 1e7"])
        return f"{name}({self.operand(depth - 1)}{factor})"

    def sort(self, depth: int) -> str:
        if self.modern and self.rng.random() < 0.4:
            labels = ", ".join(f'"{x}"' for x in self.rng.sample(GROUPINGS, self.rng.randint(1, 2)))
            return f"{self.rng.choice(['sort_by_label', 'sort_by_label_desc'])}({self.vector(depth - 1)}, {labels})"
        return f"{self.rng.choice(['sort', 'sort_desc'])}({self.vector(depth - 1)})"

    def absent(self, depth: int) -> str:
        return f"absent({self.vector(depth - 1 if self.rng.random() < 0.4 else 0)})"

    def labels(self, depth: int) -> str:
        rng = self.rng
        inner = self.vector(depth - 1)
        target = rng.choice(["job", "new", "__name__", "instance", "code"])
        source = rng.choice(["job", "instance", "code", "__name__", "none"])
        if rng.random() < 0.3:
            sources = "".join(f', "{x}"' for x in rng.sample(GROUPINGS, rng.randint(0, 3)))
            return f'label_join({inner}, "{target}", "{rng.choice([",", "", "-"])}"{sources})'
        pattern, replacement = rng.choice(
            [
                ("(.*)", "$1"),
                ("(.*)", "x-$1"),
                ("(.*):(.*)", "${2}_$1"),
                ("(.+)", "$1_x"),
                ("a.*", "fixed"),
                (".*", ""),
                ("(?P<first>.).*", "$first"),
                ("", "empty"),
                ("(a)|(w)", "<$1|$2|$3>"),
            ]
        )
        return f'label_replace({inner}, "{target}", "{replacement}", "{source}", "{pattern}")'

    def quantile_of_buckets(self, depth: int) -> str:
        rng = self.rng
        inner = (
            f"rate(latency_bucket[{rng.choice(RANGES)}])"
            if rng.random() < 0.6
            else self.selector("latency_bucket")
        )
        shape = rng.random()
        if shape < 0.4:
            inner = f"sum by (le{rng.choice(['', ', job', ', instance'])}) ({inner})"
        elif shape < 0.5:
            inner = self.vector(depth - 1)
        if self.modern and rng.random() < 0.2:
            # The same one twice gives equal series.
            more = ", ".join(rng.sample(["0", "0.25", "0.5", "0.9", "1", "1.1", "-0.1"], rng.randint(1, 3)))
            return f'histogram_quantiles({inner}, "q", {more})'
        if self.modern and rng.random() < 0.2:
            return f"histogram_fraction({self.scalar(0)}, {self.scalar(0)}, {inner})"
        return f"histogram_quantile({self.fraction(depth - 1)}, {inner})"

    def info(self, depth: int) -> str:
        rng = self.rng
        # Where info metrics are read when their base is read elsewhere is a matter of its own (info.test).
        before, self.fixed_times = self.fixed_times, True
        inner = self.vector(depth - 1)
        self.fixed_times = before
        kind = rng.random()
        if kind < 0.5:
            return f"info({inner})"
        matchers = [rng.choice(['version=~".+"', 'version="1.0"', 'zone=""', 'zone=~".*"', 'version!="2.0"'])]
        if rng.random() < 0.3:
            matchers = [
                rng.choice(
                    [
                        '__name__="build_info"',
                        '__name__=~".+_info"',
                        '__name__="build_info",commit=~".+"',
                        '__name__=~".+_info",version=~".+"',
                    ]
                )
            ]
        return f"info({inner}, {{{','.join(matchers)}}})"

    # ---- native histograms -------------------------------------------------------------------------------------

    def native(self, depth: int) -> str:
        """Something that has to do with native histograms."""
        rng = self.rng
        inner = self.native_vector(depth - 1)
        # Ranks mean something where no bucket counts less than nothing.
        counted = self.counted_vector(depth - 1)
        kind = rng.random()
        if kind < 0.4:
            return f"histogram_{rng.choice(['count', 'sum', 'avg', 'stddev', 'stdvar'])}({inner})"
        if kind < 0.55:
            return f"histogram_quantile({self.fraction(depth - 1)}, {counted})"
        if kind < 0.65:
            return f"histogram_fraction({self.number()}, {self.number()}, {counted})"
        if kind < 0.7:
            return f'histogram_quantiles({counted}, "q", 0.5, {rng.choice(["0", "0.9", "1"])})'
        return inner

    def counted_vector(self, depth: int) -> str:
        rng = self.rng
        name = rng.choice(["sizes", "durations", "mixture"])
        inner = self.selector(name)
        if rng.random() < 0.6:
            function = rng.choice(["rate", "increase", "irate", "last_over_time", "sum_over_time"])
            inner = f"{function}({self.matrix(0, name)})"
        if depth > 0 and rng.random() < 0.5:
            return f"{rng.choice(['sum', 'avg'])}{self.grouping()} ({inner})"
        return inner

    def native_vector(self, depth: int) -> str:
        rng = self.rng
        name = rng.choice(self.native_metrics)
        if depth <= 0 or rng.random() < 0.2:
            return self.selector(name)
        kind = rng.random()
        if kind < 0.35:
            function = rng.choice(["rate", "increase", "irate", "delta", "idelta", "rate", "last_over_time"])
            return f"{function}({self.matrix(0, name)})"
        if kind < 0.5:
            function = rng.choice(
                ["sum", "avg", "count", "min", "last", "first", "max", "stddev", "quantile"]
            )
            if function == "quantile":
                return f"quantile_over_time(0.5, {self.matrix(0, name)})"
            return f"{function}_over_time({self.matrix(0, name)})"
        if kind < 0.75:
            op = rng.choice(["sum", "sum", "avg", "avg", "count", "max", "group", "stdvar"])
            return f"{op}{self.grouping()} ({self.native_vector(depth - 1)})"
        if kind < 0.88:
            op = rng.choice(["*", "/", "+", "=="])
            return f"({self.native_vector(depth - 1)} {op} {self.number()})"
        op = rng.choice(["+", "-", "==", "!=", "+", "*"])
        return f"({self.native_vector(depth - 1)} {op}{self.matching(op)} {self.native_vector(depth - 1)})"

    # ---- aggregations ------------------------------------------------------------------------------------------

    def aggregation(self, depth: int) -> str:
        rng = self.rng
        inner = self.vector(depth - 1)
        kind = rng.random()
        if kind < 0.68:
            op, param = rng.choice(AGGREGATIONS), ""
        elif kind < 0.82:
            op = rng.choice(["topk", "bottomk"])
            if not self.modern or "count_values" in inner:
                # Which of equals is chosen is known only where the order of series is.
                inner = rng.choice(
                    [self.selector(), f"rate({self.matrix(0)})", f"max_over_time({self.matrix(0)})"]
                )
            param = f"{self.scalar(1) if rng.random() < 0.15 else rng.choice(['0', '1', '2', '3', '5', '100', '-1', '1.9'])}, "
        elif kind < 0.92:
            op, param = "quantile", f"{self.fraction(depth - 1)}, "
        else:
            # 2.42 takes two labels that are not in order for others.
            op, param = "count_values", f'"{rng.choice(["v", "job", "code"] if self.modern else ["v"])}", '
            # Of values that are exact: a label has no tolerance.
            inner = rng.choice([self.selector(), f"count_over_time({self.matrix(0)})", f"count({inner})"])
        grouping = self.grouping()
        if grouping and rng.random() < 0.2:
            return f"{op}({param}{inner}){grouping}"
        return f"{op}{grouping} ({param}{inner})"

    def limit(self, depth: int) -> str:
        rng = self.rng
        if rng.random() < 0.5:
            return f"limitk{self.grouping()} ({rng.choice(['0', '1', '2', '5', '-1'])}, {self.selector()})"
        ratio = rng.choice(["0.3", "-0.7", "1", "0", "0.5", "-0.5", "1.5", "-2"])
        return f"limit_ratio{self.grouping()} ({ratio}, {self.vector(depth - 1)})"

    def grouping(self) -> str:
        rng = self.rng
        kind = rng.random()
        if kind < 0.4:
            return ""
        labels = rng.sample(GROUPINGS, rng.choice([0, 1, 1, 1, 2, 3]))
        if rng.random() < 0.06:
            labels.append("__name__")
        return f" {rng.choice(['by', 'by', 'without'])} ({', '.join(labels)})"

    # ---- operators ---------------------------------------------------------------------------------------------

    def operand(self, depth: int) -> str:
        inner = self.vector(depth)
        return inner if inner.endswith((")", "}")) and not inner.startswith("-") else f"({inner})"

    def with_scalar(self, depth: int) -> str:
        rng = self.rng
        vector, scalar = self.operand(depth - 1), self.scalar(depth - 1)
        op = rng.choice(ARITHMETIC if rng.random() < 0.55 else COMPARISONS)
        modifier = " bool" if op in COMPARISONS and rng.random() < 0.4 else ""
        return (
            f"{vector} {op}{modifier} {scalar}" if rng.random() < 0.7 else f"{scalar} {op}{modifier} {vector}"
        )

    def join(self, depth: int) -> str:
        """Mostly of two vectors that match."""
        rng = self.rng
        op = rng.choice(ARITHMETIC if rng.random() < 0.65 else COMPARISONS)
        modifier = " bool" if op in COMPARISONS and rng.random() < 0.4 else ""
        kind = rng.random()
        if kind < 0.3:
            left = self.operand(depth - 1)
            if not self.modern:
                # The original may add the same numbers in another order the second time.
                op, modifier = rng.choice(["+", "*", "/", "atan2"]), ""
            return f"{left} {op}{modifier} {left}"
        if kind < 0.55:
            one, other = rng.sample(["load", "memory", "errors_total", "retries_total"], 2)
            left = self.selector(one) if rng.random() < 0.5 else f"rate({one}[{rng.choice(RANGES)}])"
            right = (
                self.selector(other)
                if rng.random() < 0.6
                else f"max_over_time({other}[{rng.choice(RANGES)}])"
            )
            matching = rng.choice(["", " on (job, instance)", " ignoring (code)"]) + self.fill()
            return f"{left} {op}{modifier}{matching} {right}"
        if kind < 0.8:
            left, right = (
                self.selector("requests_total"),
                self.selector(rng.choice(["load", "memory", "temp"])),
            )
            extra = rng.choice(["", "()", "(room)", "(none)", " ()"])
            if rng.random() < 0.5:
                return f"{left} {op}{modifier} on (job, instance) group_left{extra}{self.fill()} {right}"
            return f"{right} {op}{modifier} on (job, instance) group_right{extra}{self.fill()} {left}"
        left, right = self.operand(depth - 1), self.operand(depth - 1)
        return f"{left} {op}{modifier}{self.matching(op)} {right}"

    def matching(self, op: str) -> str:
        rng = self.rng
        if rng.random() < 0.4:
            return ""
        labels = rng.sample(GROUPINGS[:4], rng.choice([0, 1, 1, 2]))
        text = f" {rng.choice(['on', 'on', 'ignoring'])} ({', '.join(labels)})"
        if rng.random() < 0.5:
            extra = [x for x in rng.sample(GROUPINGS, rng.choice([0, 0, 1])) if x not in labels]
            text += f" {rng.choice(['group_left', 'group_right'])} ({', '.join(extra)})"
        return text + self.fill()

    def fill(self) -> str:
        if not self.modern or self.rng.random() > 0.15:
            return ""
        return f" {self.rng.choice(['fill', 'fill_left', 'fill_right'])} ({self.rng.choice(['0', '-1', '23.5', 'NaN'])})"

    def set_operation(self, depth: int) -> str:
        rng = self.rng
        matching = rng.choice(["", "", " on (job)", " on (job, instance)", " ignoring (code)", " on ()"])
        op = rng.choice(["and", "or", "unless"])
        return f"{self.operand(depth - 1)} {op}{matching} {self.operand(depth - 1)}"

    # ---- numbers -----------------------------------------------------------------------------------------------

    def number(self) -> str:
        return self.rng.choice(
            [
                "0",
                "1",
                "2",
                "3",
                "0.5",
                "10",
                "100",
                "-1",
                "1.5",
                "7",
                "1000",
                "1e9",
                "0x1F",
                "NaN",
                "Inf",
                "-Inf",
            ]
            if self.rng.random() < 0.3
            else ["0", "1", "2", "3", "0.5", "10", "100", "7"]
        )

    def fraction(self, depth: int) -> str:
        if self.rng.random() < 0.06:
            return self.scalar(depth)
        return self.rng.choice(["0", "0.1", "0.5", "0.5", "0.9", "0.99", "1", "1", "-0.1", "1.1", "0.25"])

    def factor(self) -> str:
        return self.rng.choice(["0.1", "0.3", "0.5", "0.9", "0.3", "0.5", "0", "1"])

    def pick(self, weighted: list[tuple[int, Callable[[int], str]]]) -> Callable[[int], str]:
        return self.rng.choices([f for _, f in weighted], [w for w, _ in weighted])[0]


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
