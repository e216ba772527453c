"""The text of a syntax tree over several lines, as `/api/v1/format_query` shows it.

What is short stays on one line; what is longer is broken at its outermost operator, call or parentheses, and what was
inside goes in by one level.
"""

from __future__ import annotations

from collections.abc import Sequence

from vedette.metrics.promql.syntax.nodes import Aggregation, Binary, Call, Expr, Node, Paren, Subquery, Unary
from vedette.metrics.promql.syntax.printer import (
    aggregation_head,
    format_node,
    operator_text,
    subquery_suffix,
)

# The longest text, in bytes, that is left on one line. Indents do not count.
LINE = 100
_INDENT = "  "


def prettify(expr: Expr) -> str:
    """Lines without indents at the outermost level."""
    return _Prettifier().lines(expr, 0)


class _Prettifier:
    """Keeps the one-line text of every node: whoever is around it asks for it again."""

    def __init__(self) -> None:
        self.known: dict[int, str] = {}

    def line(self, node: Node) -> str:
        text = self.known.get(id(node))
        if text is None:
            text = self.known[id(node)] = format_node(node, self.line)
        return text

    def lines(self, expr: Expr, level: int) -> str:
        """Each behind `level` indents; whoever gave a level has put a newline before."""
        indent = _INDENT * level
        if isinstance(expr, Unary):
            return f"{indent}{expr.op}{self.lines(expr.expr, level).strip()}"
        line = self.line(expr)
        if len(line.encode("utf-8", "surrogateescape")) <= LINE:
            # A subquery is the one expression that the original doesn't indent.
            return line if isinstance(expr, Subquery) else f"{indent}{line}"
        match expr:
            case Aggregation(_, inner, param):
                inside = [inner] if param is None else [param, inner]
                return f"{indent}{aggregation_head(expr)}(\n{self.listed(inside, level + 1)}\n{indent})"
            case Call(function, args):
                return f"{indent}{function}(\n{self.listed(args, level + 1)}\n{indent})"
            case Binary(_, left, right):
                operator = operator_text(expr)
                return f"{self.lines(left, level + 1)}\n{indent}{operator}\n{self.lines(right, level + 1)}"
            case Paren(inner):
                return f"{indent}(\n{self.lines(inner, level + 1)}\n{indent})"
            case Subquery(inner):
                return f"{self.lines(inner, level)}{subquery_suffix(expr)}"
        return f"{indent}{line}"

    def listed(self, exprs: Sequence[Expr], level: int) -> str:
        return ",\n".join([self.lines(expr, level) for expr in exprs])
