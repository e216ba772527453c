"""From a tree to an answer: every node gives its rows for a list of times."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vedette.metrics.promql import annotations as notes
from vedette.metrics.promql.syntax.nodes import (
    Aggregation,
    AtAnchor,
    Binary,
    Call,
    Duration,
    DurationBinary,
    DurationCall,
    DurationNumber,
    DurationParen,
    DurationUnary,
    Expr,
    Extension,
    Node,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    Unary,
    ValueType,
    unwrap,
)
from vedette.metrics.promql.syntax.types import type_of
from vedette.model.histogram import FloatHistogram
from vedette.model.labels import Matcher, MatchOp
from vedette.model.values import format_value, is_stale

from . import aggregate, binary, instants, labels, native, windows
from .info import info
from .values import (
    DUPLICATE,
    NAME,
    Labels,
    Refused,
    Row,
    Sample,
    Value,
    has_duplicates,
    key,
    merge_rows,
    without,
)

SORTS = ("sort", "sort_desc", "sort_by_label", "sort_by_label_desc")

__all__ = ["Options", "Refused", "Result", "evaluate"]


@dataclass(frozen=True, slots=True)
class Options:
    """`old` answers as release 2.42 does. `delayed` drops names at the end."""

    lookback: int = 300_000
    default_step: int = 60_000
    delayed: bool = False
    old: bool = False


@dataclass(slots=True)
class Result:
    kind: str
    rows: list[tuple[Labels, list[tuple[int, Value]]]] = field(default_factory=list)
    text: str = ""
    warnings: set[str] = field(default_factory=set)
    infos: set[str] = field(default_factory=set)


Stored = tuple[Labels, Sequence[tuple[int, Value]]]


def evaluate(
    expr: Expr, query: str, series: Sequence[Stored], start: int, end: int, step: int, options: Options
) -> Result:
    """Over ``start, start + step ... end``; an instant query has step 0. Raises `Refused`."""
    twin = Evaluation(query, series, start, end, step, options)
    kind = type_of(expr)
    times = [start] if not step else list(range(start, end + 1, step))
    if kind is ValueType.STRING:
        inner = unwrap(expr)
        assert isinstance(inner, String)
        return Result("string", text=inner.value)
    if kind is ValueType.MATRIX:
        found = [(row, samples) for row, samples in twin.window(unwrap(expr), start) if samples]
        result = Result("matrix", [(row, list(samples)) for row, samples in found])
    else:
        rows = twin.rows(expr, times)
        if options.delayed:
            for row in rows:
                if row.drop:
                    row.labels = without(row.labels, NAME)
            rows = merge_rows(rows)
        shape = "matrix" if step else "scalar" if kind is ValueType.SCALAR else "vector"
        result = Result(shape, [(r.labels, sorted(r.points.items())) for r in rows if r.points])
    result.warnings = {f"PromQL warning: {text} {place}" for text, place in twin.warnings.items()}
    result.infos = {
        f"PromQL info: {text} {place}" for text, place in twin.infos.items()
    } | twin.lifted_notes()
    return result


class Evaluation:
    """One query over one store."""

    def __init__(
        self, query: str, series: Sequence[Stored], start: int, end: int, step: int, options: Options
    ) -> None:
        self.query, self.series, self.options = query, series, options
        self.start, self.end, self.step = start, end, step
        self.old, self.delayed = options.old, options.delayed
        # Text and place; a text that is said of two places names the last.
        self.warnings: dict[str, str] = {}
        self.infos: dict[str, str] = {}
        self.lifted: dict[str, tuple[str, list[tuple[float, float, float, int]]]] = {}

    # ---- notes -------------------------------------------------------------------------------------------------

    def place(self, node: Node) -> str:
        before = self.query[: node.start].encode()
        return f"({before.count(10) + 1}:{len(before) - before.rfind(10)})"

    def warn(self, text: str, node: Node) -> None:
        self.warnings[text] = self.place(node)

    def inform(self, text: str, node: Node) -> None:
        self.infos[text] = self.place(node)

    def lifted_notes(self) -> set[str]:
        """Of classic histograms whose counts fell: one sentence for all findings at one place."""
        out = set()
        for text, (place, found) in self.lifted.items():
            low, high, most = min(f[0] for f in found), max(f[1] for f in found), max(f[2] for f in found)
            first, last = (
                datetime.fromtimestamp(t // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                for t in (min(f[3] for f in found), max(f[3] for f in found))
            )
            out.add(
                f"PromQL info: {text}, from buckets {format_value(low)} to {format_value(high)}, "
                f"with a max diff of {most:.2g}, over {len(found)} samples from {first} to {last} {place}"
            )
        return out

    # ---- nodes -------------------------------------------------------------------------------------------------

    def rows(self, expr: Expr, times: list[int]) -> list[Row]:
        """Scalars are one row without labels. What `@` fixes is looked at once."""
        if len(times) > 1 and is_fixed(expr):
            rows = self.rows(expr, times[:1])
            for row in rows:
                row.points = dict.fromkeys(times, row.points[times[0]])
            return rows
        match expr:
            case Paren(inner):
                return self.rows(inner, times)
            case Number(value):
                return [Row({}, dict.fromkeys(times, value))]
            case Unary(op, inner):
                return self._negated(self.rows(inner, times)) if op == "-" else self.rows(inner, times)
            case Selector():
                return self._selected(expr, times)
            case Binary():
                return binary.rows(self, expr, times)
            case Aggregation():
                return aggregate.rows(self, expr, times)
            case Call():
                return self._call(expr, times)
        raise TypeError(type(expr))

    def _negated(self, rows: list[Row]) -> list[Row]:
        for row in rows:
            row.points = {
                t: native.scaled(v, -1.0) if isinstance(v, FloatHistogram) else -v
                for t, v in row.points.items()
            }
            row.drop = True
            if not self.delayed:
                row.labels = without(row.labels, NAME)
        if self.old and has_duplicates([r.labels for r in rows]):
            raise Refused(DUPLICATE)
        return rows if self.delayed else merge_rows(rows)

    def _call(self, call: Call, times: list[int]) -> list[Row]:
        name = call.function
        if name in labels.FUNCTIONS:
            return labels.FUNCTIONS[name](self, call, times)
        if name == "info":
            return info(self, call, times)
        for arg in call.args:
            if isinstance(unwrap(arg), Range | Subquery):
                return windows.rows(self, call, times)
        rows = instants.rows(self, call, times)
        if name in SORTS and len(times) > 1:
            self.warn(notes.ineffective_sort(), call)
        return rows

    # ---- reading -----------------------------------------------------------------------------------------------

    def matching(self, selector: Selector) -> list[Stored]:
        return self.stored(selector.matchers)

    def stored(self, matchers: Sequence[Matcher]) -> list[Stored]:
        return [s for s in self.series if all(self._matches(m, s[0]) for m in matchers)]

    def _matches(self, matcher: Matcher, found: Labels) -> bool:
        value = found.get(matcher.name, "")
        if self.old and matcher.op in (MatchOp.REGEX, MatchOp.NOT_REGEX):
            # A dot did not match a line's end.
            hit = re.fullmatch(matcher.value, value) is not None
            return hit if matcher.op is MatchOp.REGEX else not hit
        return matcher.matches(value)

    def moment(self, at: float | AtAnchor | None, offset: Duration | None, time: int) -> int:
        """Where a selector looks when the query is at `time`."""
        if at is AtAnchor.START:
            time = self.start
        elif at is AtAnchor.END:
            time = self.end
        elif at is not None:
            time = round(float(at) * 1000)
        return time - (0 if offset is None else self.duration(offset))

    def newest(self, samples: Sequence[tuple[int, Value]], time: int) -> tuple[int, Value] | None:
        """The sample that counts at `time`, or None."""
        low = time - self.options.lookback
        inside = [s for s in samples if low < s[0] <= time or (self.old and s[0] == low)]
        if not inside or stale(inside[-1][1]):
            return None
        return inside[-1]

    def _selected(self, selector: Selector, times: list[int]) -> list[Row]:
        if selector.extension is Extension.ANCHORED:
            raise Refused("anchored is for ranges")
        rows = []
        for found, stored in self.matching(selector):
            row, samples = Row(dict(found)), native.hinted(stored)
            for time in times:
                moment = self.moment(selector.at, selector.offset, time)
                if selector.extension is Extension.SMOOTHED:
                    value = windows.smoothed_value(self, samples, moment)
                    if value is not None:
                        row.points[time] = value
                    continue
                sample = self.newest(samples, moment)
                if sample is not None:
                    row.points[time] = sample[1]
            if row.points:
                rows.append(row)
        return rows

    def window_bounds(self, expr: Range | Subquery, time: int) -> tuple[int, int]:
        """Left open, right closed."""
        holder = expr.selector if isinstance(expr, Range) else expr
        end = self.moment(holder.at, holder.offset, time)
        return end - self.span(expr), end

    def span(self, expr: Range | Subquery) -> int:
        found = self.duration(expr.range)
        if found <= 0:
            raise Refused("duration must be greater than 0")
        return found

    def window(self, expr: Expr, time: int) -> list[tuple[Labels, list[tuple[int, Value]]]]:
        """Each series with its samples in the window; stale markers are none."""
        return [
            (labels, inside) for labels, _, windows in self.all_windows(expr, [time]) for inside in windows
        ]

    def all_windows(
        self, expr: Expr, times: list[int]
    ) -> list[tuple[Labels, bool, list[list[tuple[int, Value]]]]]:
        """Each series, whether its name has yet to go, and its samples in the window of each time."""
        assert isinstance(expr, Range | Subquery)
        bounds = [self.window_bounds(expr, time) for time in times]
        if isinstance(expr, Range):
            found = [
                (dict(labels), False, [s for s in native.hinted(samples) if not stale(s[1])])
                for labels, samples in self.matching(expr.selector)
            ]
            reach = self.options.lookback
            if expr.selector.extension is Extension.ANCHORED:
                bounds = [(low - reach, high) for low, high in bounds]
            elif expr.selector.extension is Extension.SMOOTHED:
                bounds = [(low - reach, high + reach) for low, high in bounds]
        else:
            found = self._subquery(expr, bounds)
        out = []
        for found_labels, drop, samples in found:
            parts = [
                [s for s in samples if low < s[0] <= high or (self.old and s[0] == low)]
                for low, high in bounds
            ]
            out.append((found_labels, drop, parts))
        return out

    def _subquery(
        self, expr: Subquery, bounds: list[tuple[int, int]]
    ) -> list[tuple[Labels, bool, list[tuple[int, Value]]]]:
        step = self.options.default_step
        if expr.step is not None:
            step = self.duration(expr.step)
            if step <= 0:
                raise Refused("duration must be greater than 0")
        low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
        first = low // step * step
        if first < low or (first == low and not self.old):
            first += step
        times = list(range(first, high + 1, step))
        if not times:
            return []
        rows = self.rows(expr.expr, times)
        return [
            (r.labels, r.drop, [(t, native.unhinted(v)) for t, v in sorted(r.points.items())]) for r in rows
        ]

    # ---- arguments ---------------------------------------------------------------------------------------------

    def scalar(self, expr: Expr, times: list[int]) -> dict[int, float]:
        rows = self.rows(expr, times)
        return {t: v for t, v in rows[0].points.items() if not isinstance(v, FloatHistogram)}

    def text(self, expr: Expr) -> str:
        inner = unwrap(expr)
        assert isinstance(inner, String)
        return inner.value

    def dropped(self, found: Labels) -> Labels:
        return found if self.delayed else without(found, NAME)

    def per_step(
        self,
        times: list[int],
        arguments: list[list[Row]],
        function: Callable[[int, list[list[Sample]]], list[Sample]],
    ) -> list[Row]:
        """`function` of the vectors at each time; what it gives is put together by labels."""
        out: dict[object, Row] = {}
        for time in times:
            vectors = [
                [Sample(r.labels, r.points[time], r.drop, time) for r in rows if time in r.points]
                for rows in arguments
            ]
            seen: set[object] = set()
            for number, sample in enumerate(function(time, vectors)):
                name: object = key(sample.labels)
                if name in seen:
                    if not self.delayed or len(times) > 1:
                        raise Refused(DUPLICATE)
                    name = (name, number)
                seen.add(name)
                row = out.setdefault(name, Row(sample.labels, drop=sample.drop))
                row.points[time] = sample.value
        return list(out.values())

    # ---- durations ---------------------------------------------------------------------------------------------

    def duration(self, node: Duration) -> int:
        """Milliseconds."""
        return (
            int(self._seconds(node) * 1000)
            if not isinstance(node, DurationNumber)
            else round(node.seconds * 1000)
        )

    def _seconds(self, node: Duration) -> float:
        match node:
            case DurationNumber(seconds):
                return seconds
            case DurationParen(inner):
                return self._seconds(inner)
            case DurationUnary(op, inner):
                return -self._seconds(inner) if op == "-" else self._seconds(inner)
            case DurationCall(name, args):
                if name == "step":
                    return self.step / 1000
                if name == "range":
                    return (self.end - self.start) / 1000
                return (min if name == "min_of" else max)(self._seconds(a) for a in args)
            case DurationBinary(op, left, right):
                from .values import arithmetic

                a, b = self._seconds(left), self._seconds(right)
                if op in "/%" and b == 0:
                    raise Refused("division by zero")
                return arithmetic(op, a, b)
        raise TypeError(type(node))


# What these give depends on the time of evaluation, whatever their arguments.
UNFIXED = (
    *("day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year"),
    *("predict_linear", "time", "timestamp", "start", "end", "step", "range"),
)


def is_fixed(expr: Expr) -> bool:
    """Whether it is the same at every step."""
    match expr:
        case Number() | String():
            return True
        case Selector(at=at) | Subquery(at=at):
            return at is not None
        case Range(selector):
            return selector.at is not None
        case Paren(inner) | Unary(_, inner):
            return is_fixed(inner)
        case Binary(_, left, right):
            return is_fixed(left) and is_fixed(right)
        case Aggregation(_, inner, param):
            return is_fixed(inner) and (param is None or is_fixed(param))
        case Call("info", args):
            return is_fixed(args[0])
        case Call(name, args):
            return name not in UNFIXED and all(is_fixed(a) for a in args)
    return False


def stale(value: Value) -> bool:
    return is_stale(value.sum if isinstance(value, FloatHistogram) else value)
