"""The text of a syntax tree over several lines, as `/api/v1/format_query` shows it.

What is short stays on one line; what is longer is broken at its outermost operator, call or parentheses, and what was
inside goes in by one level.
"""

from __future__ import annotations

from vedette.metrics.promql.syntax.nodes import Aggregation, Binary, Call, Expr, Paren, Subquery, Unary
from vedette.metrics.promql.syntax.printer import (
    aggregation_head,
    format_expr,
    operator_text,
    subquery_suffix,
)

# The longest text, in bytes, that is left on one line. Indents do not count.
LINE = 100
_INDENT = "  "


def prettify(expr: Expr, level: int = 0) -> str:
    """The lines of `expr`, each behind `level` indents; a newline was put before it by whoever gave a level."""
    indent = _INDENT * level
    if isinstance(expr, Unary):
        return f"{indent}{expr.op}{prettify(expr.expr, level).strip()}"
    line = format_expr(expr)
    if len(line.encode("utf-8", "surrogateescape")) <= LINE:
        # A subquery is the one expression that the original doesn't indent.
        return line if isinstance(expr, Subquery) else f"{indent}{line}"
    match expr:
        case Aggregation(_, inner, param):
            inside = [inner] if param is None else [param, inner]
            return f"{indent}{aggregation_head(expr)}(\n{_listed(inside, level + 1)}\n{indent})"
        case Call(function, args):
            return f"{indent}{function}(\n{_listed(args, level + 1)}\n{indent})"
        case Binary(_, left, right):
            operator = operator_text(expr)
            return f"{prettify(left, level + 1)}\n{indent}{operator}\n{prettify(right, level + 1)}"
        case Paren(inner):
            return f"{indent}(\n{prettify(inner, level + 1)}\n{indent})"
        case Subquery(inner):
            return f"{prettify(inner, level)}{subquery_suffix(expr)}"
    return f"{indent}{line}"


def _listed(exprs: list[Expr] | tuple[Expr, ...], level: int) -> str:
    return ",\n".join([prettify(expr, level) for expr in exprs])
