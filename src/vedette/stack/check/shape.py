"""What labels an expression's result has, as far as that can be known without data.

A `Shape` knows the names of the labels (or doesn't), and for some of them the only values they can have. From two
shapes follows whether a match between them can ever succeed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from vedette.metrics.promql.syntax.nodes import (
    Aggregation,
    Binary,
    Call,
    Card,
    Expr,
    Matching,
    Paren,
    Range,
    Selector,
    Subquery,
    Unary,
)
from vedette.model.labels import METRIC_NAME, MatchOp
from vedette.stack.check.catalogue import exporter_of, labels_of

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
SETS = frozenset({"and", "or", "unless"})


@dataclass(frozen=True, slots=True)
class Shape:
    """`names` None: not known. `fixed`: labels that can only have these values. `vector` False: a scalar."""

    names: frozenset[str] | None = None
    fixed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    vector: bool = True

    def keep(self, labels: frozenset[str]) -> Shape:
        names = labels if self.names is None else self.names & labels
        return Shape(names, {n: v for n, v in self.fixed.items() if n in labels})

    def drop(self, labels: frozenset[str]) -> Shape:
        names = None if self.names is None else self.names - labels
        return Shape(names, {n: v for n, v in self.fixed.items() if n not in labels})


SCALAR = Shape(frozenset(), vector=False)
UNKNOWN = Shape()

# Values that a label can have at a kind of exporter, e.g. the jobs that scrape it.
Jobs = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A vector match that can never succeed, and why."""

    node: Binary
    why: str


def selectors_in(expr: Expr) -> Iterator[Selector]:
    for node in walk(expr):
        if isinstance(node, Selector):
            yield node


def walk(expr: Expr) -> Iterator[Expr]:
    """Every node, outermost first."""
    yield expr
    for child in children(expr):
        yield from walk(child)


def children(expr: Expr) -> tuple[Expr, ...]:
    match expr:
        case Range(selector=selector):
            return (selector,)
        case Subquery(expr=inner) | Paren(expr=inner) | Unary(expr=inner):
            return (inner,)
        case Binary(left=left, right=right):
            return (left, right)
        case Call(args=args):
            return args
        case Aggregation(expr=inner, param=param):
            return (inner,) if param is None else (param, inner)
    return ()


def shape_of(expr: Expr, jobs: Jobs, report: Callable[[Mismatch], None] = lambda _: None) -> Shape:
    """The shape of `expr`. Every match in it that can't succeed is given to `report`."""
    match expr:
        case Selector():
            return _selector(expr, jobs)
        case Range(selector=selector):
            return _selector(selector, jobs)
        case Subquery(expr=inner) | Paren(expr=inner) | Unary(expr=inner):
            return shape_of(inner, jobs, report)
        case Aggregation():
            return _aggregation(expr, shape_of(expr.expr, jobs, report))
        case Call():
            return _call(expr, [shape_of(arg, jobs, report) for arg in expr.args])
        case Binary():
            return _binary(
                expr, shape_of(expr.left, jobs, report), shape_of(expr.right, jobs, report), report
            )
    return SCALAR


def _selector(selector: Selector, jobs: Jobs) -> Shape:
    fixed: dict[str, frozenset[str]] = {}
    for matcher in selector.matchers:
        if matcher.name != METRIC_NAME and matcher.op is MatchOp.EQUAL and matcher.value:
            fixed[matcher.name] = frozenset({matcher.value})
    exporter = exporter_of(selector.name)
    if exporter is not None and "job" not in fixed and exporter.kind in jobs:
        fixed["job"] = jobs[exporter.kind]
    known = labels_of(selector.name)
    return Shape(None if known is None else known | {"job", "instance"}, fixed)


def _aggregation(node: Aggregation, inner: Shape) -> Shape:
    if node.op in ("topk", "bottomk", "limitk", "limit_ratio"):
        return inner
    labels = frozenset(node.grouping)
    made = inner.drop(labels) if node.without else inner.keep(labels)
    if node.op == "count_values":
        return Shape(None, made.fixed)
    return made


def _call(node: Call, args: list[Shape]) -> Shape:
    name = node.function
    if name in ("scalar", "time", "pi"):
        return SCALAR
    if name == "vector":
        return Shape(frozenset())
    if name in ("absent", "absent_over_time", "label_replace", "label_join", "info"):
        return UNKNOWN
    vectors = [shape for shape in args if shape.vector]
    if not vectors:
        return Shape(frozenset())
    if name in ("histogram_quantile", "histogram_fraction"):
        return vectors[-1].drop(frozenset({"le"}))
    return vectors[0]


def _binary(node: Binary, left: Shape, right: Shape, report: Callable[[Mismatch], None]) -> Shape:
    if not (left.vector and right.vector):
        return left if left.vector else right
    matching = node.matching or Matching()
    if node.op == "or":
        names = left.names if left.names == right.names else None
        return Shape(names)
    why = _never(left, right, matching)
    if why and node.op != "unless":
        report(Mismatch(node, why))
    if node.op in SETS:
        return left
    if matching.card is Card.ONE_TO_MANY:
        return _joined(right, matching)
    if matching.card is Card.MANY_TO_ONE:
        return _joined(left, matching)
    if matching.on and node.op not in COMPARISONS:
        return left.keep(frozenset(matching.labels))
    return left.drop(frozenset(matching.labels)) if not matching.on else left


def _joined(many: Shape, matching: Matching) -> Shape:
    if not matching.include:
        return many
    names = None if many.names is None else many.names | frozenset(matching.include)
    return Shape(names, {n: v for n, v in many.fixed.items() if n not in matching.include})


def _never(left: Shape, right: Shape, matching: Matching) -> str:
    """Why no series of `left` can match one of `right`; empty when one might."""
    if left.names is not None and right.names is not None:
        if matching.on:
            mine = left.names & frozenset(matching.labels)
            other = right.names & frozenset(matching.labels)
        else:
            mine = left.names - frozenset(matching.labels)
            other = right.names - frozenset(matching.labels)
        if mine != other:
            return f"the left side has the labels {_listed(mine)}, the right side {_listed(other)}: no pair is equal"
    for name in left.fixed.keys() & right.fixed.keys():
        counts = name in matching.labels if matching.on else name not in matching.labels
        if counts and not left.fixed[name] & right.fixed[name]:
            mine, other = left.fixed[name], right.fixed[name]
            return (
                f"{name} is {_listed(mine)} on the left and {_listed(other)} on the right: no pair is equal"
            )
    return ""


def _listed(names: frozenset[str]) -> str:
    return "{" + ", ".join(sorted(names)) + "}"
