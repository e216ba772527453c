"""Equal subtrees of a plan, which are computed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vedette.metrics.promql.plan.nodes import (
    Aggregate,
    Plan,
    RangeSelect,
    RangeSource,
    Select,
    SubquerySelect,
    Text,
    children,
)


def walk(plan: Plan | RangeSource) -> Iterator[Plan | RangeSource]:
    """Every node, parents first. A row of operators may be higher than functions should call themselves."""
    waiting: list[Plan | RangeSource] = [plan]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def repeated(plan: Plan) -> frozenset[Plan]:
    """Subtrees that read samples and stand in the plan more than once."""
    nodes = list(walk(plan))
    reads = Counter(node for node in nodes if isinstance(node, Select | RangeSelect))
    if not reads or max(reads.values()) == 1:
        return frozenset()
    # From the leaves up, so that a node finds the hashes of its children made.
    kept = [
        node
        for node in reversed(nodes)
        if isinstance(node, Select)
        or (not isinstance(node, RangeSelect | SubquerySelect | Text) and children(node))
    ]
    twice = [node for node, n in Counter(kept).items() if n > 1]
    # What a streamed aggregation reads is never kept.
    return frozenset(node for node in twice if isinstance(node, Aggregate | Select) or children(node))
