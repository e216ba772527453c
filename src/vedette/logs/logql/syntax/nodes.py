"""The frozen nodes of a LogQL query. They know nothing of storage; `str` of a node parses to an equal node."""

from __future__ import annotations

from dataclasses import dataclass, field

from vedette.model.labels import Matcher, quote
from vedette.model.time import format_duration, format_go_duration
from vedette.model.values import format_value

# ---- log queries -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Needle:
    """One value of a line filter; `ip` when written as ``ip("10.0.0.0/8")``."""

    text: str
    ip: bool = False

    def __str__(self) -> str:
        return f"ip({quote(self.text)})" if self.ip else quote(self.text)


@dataclass(frozen=True, slots=True)
class LineFilter:
    """``|= "a" or "b"``. Operators ``|= != |~ !~ |> !>``."""

    op: str
    needles: tuple[Needle, ...]

    def __str__(self) -> str:
        return f"{self.op} " + " or ".join(map(str, self.needles))


@dataclass(frozen=True, slots=True)
class JsonStage:
    """``| json`` (all fields) or ``| json a, b="x.y[0]"``: pairs of label and path."""

    fields: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return "| json" + _fields(self.fields)


@dataclass(frozen=True, slots=True)
class LogfmtStage:
    """``| logfmt --strict --keep-empty a, b="key"``."""

    fields: tuple[tuple[str, str], ...] = ()
    strict: bool = False
    keep_empty: bool = False

    def __str__(self) -> str:
        flags = (" --strict" if self.strict else "") + (" --keep-empty" if self.keep_empty else "")
        return "| logfmt" + flags + _fields(self.fields)


def _fields(fields: tuple[tuple[str, str], ...]) -> str:
    return (" " + ", ".join(f"{name}={quote(path)}" for name, path in fields)) if fields else ""


@dataclass(frozen=True, slots=True)
class StringCondition:
    """``name="text"``, also ``!= =~ !~``. A missing label is the empty string."""

    matcher: Matcher

    def __str__(self) -> str:
        return str(self.matcher)


@dataclass(frozen=True, slots=True)
class NumberCondition:
    """``name >= 500``; `value` is in the unit of `kind` (number, nanoseconds, bytes), `text` as it was written."""

    name: str
    op: str
    value: float
    kind: str  # "number" | "duration" | "bytes"
    text: str = field(compare=False)

    def __str__(self) -> str:
        return f"{self.name}{self.op}{self.text}"


@dataclass(frozen=True, slots=True)
class IpCondition:
    """``name = ip("10.0.0.0/8")``."""

    name: str
    op: str
    pattern: str

    def __str__(self) -> str:
        return f"{self.name}{self.op}ip({quote(self.pattern)})"


@dataclass(frozen=True, slots=True)
class And:
    left: Condition
    right: Condition

    def __str__(self) -> str:
        return f"( {self.left} , {self.right} )"


@dataclass(frozen=True, slots=True)
class Or:
    left: Condition
    right: Condition

    def __str__(self) -> str:
        return f"( {self.left} or {self.right} )"


Condition = StringCondition | NumberCondition | IpCondition | And | Or


@dataclass(frozen=True, slots=True)
class LabelFilter:
    condition: Condition

    def __str__(self) -> str:
        return f"| {self.condition}"


@dataclass(frozen=True, slots=True)
class LineFormat:
    template: str

    def __str__(self) -> str:
        return f"| line_format {quote(self.template)}"


@dataclass(frozen=True, slots=True)
class OtherStage:
    """A stage that is parsed but not run: `name` as the user wrote it, `text` the whole stage."""

    name: str
    text: str

    def __str__(self) -> str:
        return self.text


Stage = LineFilter | JsonStage | LogfmtStage | LabelFilter | LineFormat | OtherStage


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A selector and its stages."""

    matchers: tuple[Matcher, ...]
    stages: tuple[Stage, ...] = ()

    def __str__(self) -> str:
        selector = "{" + ", ".join(map(str, self.matchers)) + "}"
        return " ".join([selector, *map(str, self.stages)])


# ---- metric queries --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grouping:
    names: tuple[str, ...]
    without: bool = False

    def __str__(self) -> str:
        return f"{'without' if self.without else 'by'} ({', '.join(self.names)})"


@dataclass(frozen=True, slots=True)
class RangeAggregation:
    """``rate({...} | json [5m] offset 1h)``; `range_ns` and `offset_ns` in nanoseconds."""

    op: str
    query: LogQuery
    range_ns: int
    offset_ns: int = 0
    parameter: float | None = None
    unwrap: OtherStage | None = None
    grouping: Grouping | None = None

    def __str__(self) -> str:
        first = f"{format_value(self.parameter)}, " if self.parameter is not None else ""
        unwrap = f" {self.unwrap}" if self.unwrap else ""
        window = f"[{_duration(self.range_ns)}]" + (
            f" offset {_duration(self.offset_ns)}" if self.offset_ns else ""
        )
        grouping = f" {self.grouping}" if self.grouping else ""
        return f"{self.op}({first}{self.query}{unwrap} {window}){grouping}"


@dataclass(frozen=True, slots=True)
class VectorAggregation:
    """``sum by (a) (...)``, ``topk(5, ...)``."""

    op: str
    body: MetricQuery
    grouping: Grouping | None = None
    parameter: float | None = None

    def __str__(self) -> str:
        grouping = f" {self.grouping} " if self.grouping else ""
        first = f"{format_value(self.parameter)}, " if self.parameter is not None else ""
        return f"{self.op}{grouping}({first}{self.body})"


@dataclass(frozen=True, slots=True)
class Matching:
    """``bool on (a) group_left (b)`` between two operands."""

    bool_modifier: bool = False
    on: bool = False
    names: tuple[str, ...] | None = None
    group: str = ""
    include: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = ["bool"] if self.bool_modifier else []
        if self.names is not None:
            parts.append(f"{'on' if self.on else 'ignoring'} ({', '.join(self.names)})")
        if self.group:
            parts.append(f"{self.group} ({', '.join(self.include)})")
        return "".join(f"{part} " for part in parts)


@dataclass(frozen=True, slots=True)
class BinaryOperation:
    op: str
    left: MetricQuery
    right: MetricQuery
    matching: Matching = Matching()

    def __str__(self) -> str:
        return f"({self.left} {self.op} {self.matching}{self.right})"


@dataclass(frozen=True, slots=True)
class Number:
    value: float

    def __str__(self) -> str:
        return format_value(self.value)


@dataclass(frozen=True, slots=True)
class VectorNumber:
    """``vector(1)``: one series without labels."""

    value: float

    def __str__(self) -> str:
        return f"vector({format_value(self.value)})"


@dataclass(frozen=True, slots=True)
class LabelReplace:
    body: MetricQuery
    target: str
    replacement: str
    source: str
    regex: str

    def __str__(self) -> str:
        rest = ", ".join(quote(text) for text in (self.target, self.replacement, self.source, self.regex))
        return f"label_replace({self.body}, {rest})"


MetricQuery = RangeAggregation | VectorAggregation | BinaryOperation | Number | VectorNumber | LabelReplace
Query = LogQuery | MetricQuery


def _duration(ns: int) -> str:
    return format_go_duration(ns) if ns % 10**6 else format_duration(ns // 10**6)
