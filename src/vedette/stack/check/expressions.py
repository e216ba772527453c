"""What can be said of one PromQL expression before it has run: it can't match, can't have data, or means another thing.

Each check is a function from an expression to findings, all of one shape; `CHECKS` is the list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from vedette.metrics.promql.syntax.nodes import (
    Aggregation,
    Binary,
    Expr,
    Number,
    Paren,
    Selector,
)
from vedette.model.labels import MatchOp
from vedette.stack.check.catalogue import EXPORTERS, exporter_of, is_open, metrics_of, nearest
from vedette.stack.check.shape import COMPARISONS, Jobs, Mismatch, selectors_in, shape_of, walk


@dataclass(frozen=True, slots=True)
class Finding:
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What the project's files say: which jobs scrape which kind of exporter, and which metrics rules record."""

    jobs: Jobs = field(default_factory=dict)
    recorded: frozenset[str] = frozenset()
    # False where nothing is known of the jobs (no readable prometheus.yml).
    jobs_known: bool = True


def findings(expr: Expr, context: Context) -> list[Finding]:
    """Everything that is doubtful about `expr`, each once."""
    found = [finding for check in CHECKS for finding in check(expr, context)]
    return list(dict.fromkeys(found))


def _no_such_metric(expr: Expr, context: Context) -> Iterator[Finding]:
    for selector in selectors_in(expr):
        exporter = exporter_of(selector.name)
        if exporter is None or selector.name in context.recorded:
            continue
        if context.jobs_known and exporter.kind not in context.jobs:
            yield Finding(
                f"{selector.name} will have no data: no job scrapes a {exporter.title}",
                f"add a job with a target on port {exporter.port} to prometheus.yml",
            )
        elif selector.name not in metrics_of(exporter.kind) and not is_open(selector.name):
            near = nearest(selector.name)
            hint = f"write {near}" if near else "look at the exporter's /metrics for the name it has"
            yield Finding(f"{selector.name} will have no data: {exporter.title} has no such metric", hint)


def _can_not_match(expr: Expr, context: Context) -> Iterator[Finding]:
    found: list[Mismatch] = []
    shape_of(expr, context.jobs, found.append)
    for mismatch in found:
        hint = "aggregate both sides to the same labels, e.g. sum by (job, instance) (...), or match with on (...)"
        yield Finding(f"`{mismatch.node.op}` can never match: {mismatch.why}", hint)


def _no_such_label(expr: Expr, context: Context) -> Iterator[Finding]:
    for node in walk(expr):
        if isinstance(node, Aggregation) and not node.without:
            names = shape_of(node.expr, context.jobs).names
            missing = [label for label in node.grouping if names is not None and label not in names]
            if missing:
                yield Finding(
                    f"by ({', '.join(missing)}): the series have no such label, so all of them fall into one row",
                    f"they have: {', '.join(sorted(names or ()))}",
                )


def _exporter_not_service(expr: Expr, context: Context) -> Iterator[Finding]:
    mentioned = {selector.name for selector in selectors_in(expr)}
    for selector in selectors_in(expr):
        if selector.name != "up":
            continue
        for exporter in EXPORTERS:
            if (
                exporter.up
                and exporter.up not in mentioned
                and _selects_job(selector, context, exporter.kind)
            ):
                job = next(m.value for m in selector.matchers if m.name == "job")
                yield Finding(
                    f"up says that the exporter answers, and it does while the service behind it is down ({exporter.up} 0)",
                    f'write up{{job="{job}"}} == 0 or {exporter.up}{{job="{job}"}} == 0',
                )


def _selects_job(selector: Selector, context: Context, kind: str) -> bool:
    jobs = context.jobs.get(kind, frozenset())
    return any(m.name == "job" and m.op is MatchOp.EQUAL and m.value in jobs for m in selector.matchers)


# Limits that are 0 when there is none: a quotient by them is +Inf.
_LIMITS = {"redis_memory_max_bytes": "maxmemory", "container_spec_memory_limit_bytes": "a memory limit"}


def _division_by_no_limit(expr: Expr, context: Context) -> Iterator[Finding]:
    for node in walk(expr):
        if isinstance(node, Binary) and node.op == "/":
            right = _bare(node.right)
            if isinstance(right, Selector) and right.name in _LIMITS:
                yield Finding(
                    f"{right.name} is 0 without {_LIMITS[right.name]}: the quotient is +Inf, and the comparison always true",
                    f"divide by ({right} > 0)",
                )


def _bare(expr: Expr) -> Expr:
    while isinstance(expr, Paren):
        expr = expr.expr
    return expr


def _guessed_device(expr: Expr, context: Context) -> Iterator[Finding]:
    for selector in selectors_in(expr):
        if selector.name.startswith("node_filesystem_"):
            for matcher in selector.matchers:
                if matcher.name == "device" and matcher.op is MatchOp.EQUAL:
                    yield Finding(
                        f"device={matcher.value!r} is a guess: disks have other names on other machines".replace(
                            "'", '"'
                        ),
                        'select by mountpoint, e.g. mountpoint="/"',
                    )


def _full_by_nature(expr: Expr, context: Context) -> Iterator[Finding]:
    for node in walk(expr):
        if isinstance(node, Binary) and node.op in COMPARISONS:
            used = [s for s in selectors_in(node) if s.name.startswith("node_filesystem_avail")]
            if any(not {"fstype", "mountpoint", "device"} & {m.name for m in s.matchers} for s in used):
                yield Finding(
                    "every file system counts, also those that are full by nature (images) or in memory",
                    'leave them out: fstype!~"tmpfs|overlay|squashfs|iso9660|erofs|ramfs"',
                )
            return


def _probes_count(expr: Expr, context: Context) -> Iterator[Finding]:
    if not any(isinstance(node, Binary) and node.op in COMPARISONS for node in walk(expr)):
        return
    for selector in selectors_in(expr):
        if selector.name == "http_request_duration_seconds_bucket" and not {
            "endpoint",
            "handler",
            "path",
            "job",
        } & {m.name for m in selector.matchers}:
            yield Finding(
                "requests for /metrics and health probes count as well, of every job",
                'select the job and leave them out: job="...", endpoint!~"/metrics|/health.*"',
            )


def _absent_not_zero(expr: Expr, context: Context) -> Iterator[Finding]:
    if any(isinstance(node, Binary) and (node.op == "or" or node.op in COMPARISONS) for node in walk(expr)):
        return
    for selector in selectors_in(expr):
        for matcher in selector.matchers:
            if (
                matcher.name in ("status", "code")
                and matcher.op is MatchOp.REGEX
                and matcher.value.startswith("5")
            ):
                yield Finding(
                    "the result is absent, not 0, until there has been such a status",
                    "add `or vector(0)`, or `or 0 * ...` over all requests where labels matter",
                )


def _lifetime_mean(expr: Expr, context: Context) -> Iterator[Finding]:
    """A counter compared as it is, without a rate."""
    for node in walk(expr):
        if isinstance(node, Binary) and node.op in (">", ">=") and isinstance(_bare(node.right), Number):
            left = _bare(node.left)
            if isinstance(left, Selector) and left.name.endswith("_total"):
                yield Finding(f"{left.name} is a counter: it only grows", f"compare rate({left}[5m])")


Check = Callable[[Expr, Context], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    _no_such_metric,
    _can_not_match,
    _no_such_label,
    _exporter_not_service,
    _division_by_no_limit,
    _guessed_device,
    _full_by_nature,
    _probes_count,
    _absent_not_zero,
    _lifetime_mean,
)
