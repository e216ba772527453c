"""A plan without a server: what the engine would do, without knowing what the store holds."""

from __future__ import annotations

from typing import Any

from vedette.metrics.terminal.failures import QueryRefused
from vedette.metrics.terminal.times import Span


def plan_here(expr: str, span: Span) -> dict[str, Any]:
    """As the server answers ``explain=1``, without estimates. Raises `QueryRefused` for what is no query."""
    from vedette.metrics.api.plans import show_plan
    from vedette.metrics.promql.engine import Engine
    from vedette.metrics.promql.errors import QueryError
    from vedette.metrics.promql.script.memory import MemoryStorage
    from vedette.metrics.promql.syntax.parser import ALL_FEATURES

    engine = Engine(MemoryStorage(), enable_features=ALL_FEATURES)
    try:
        shown = show_plan(engine, expr, span.start, span.end, span.step, None)
    except QueryError as error:
        raise QueryRefused(error.kind, str(error)) from None
    _forget_estimates(shown["plan"])
    return shown


def _forget_estimates(node: dict[str, Any]) -> None:
    node.pop("estimatedSeries", None)
    for child in node["children"]:
        _forget_estimates(child)
