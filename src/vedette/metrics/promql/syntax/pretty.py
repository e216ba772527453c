"""The text of a syntax tree over several lines, as `/api/v1/format_query` shows it.

What is short stays on one line; what is longer is broken at its outermost operator, call or parentheses, and what was
inside goes in by one level.
"""

from __future__ import annotations

from collections.abc import Sequence

from vedette.metrics.promql.syntax.nodes import Aggregation, Binary, Call, Expr, Node, Paren, Subquery, Unary
from vedette.metrics.promql.syntax.printer import (
    aggregation_head,
    format_expr,
    format_node,
    operator_text,
    subquery_suffix,
)

# The longest text, in bytes, that is left on one line. Indents do not count.
LINE = 100
_INDENT = "  "


def prettify(expr: Expr) -> str:
    """Without indents at the outermost level."""
    writer = _Writer()
    writer.write(expr, 0)
    return "\n".join(writer.lines)


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        # The text of every node that fits a line, None for those that don't.
        self.known: dict[int, str | None] = {}

    def one_line(self, node: Node) -> str | None:
        key = id(node)
        if key not in self.known:
            whole = True

            def show(part: Node) -> str:
                nonlocal whole
                text = self.one_line(part)
                whole = whole and text is not None
                return text or ""

            text = format_node(node, show)
            fits = whole and len(text.encode("utf-8", "surrogateescape")) <= LINE
            self.known[key] = text if fits else None
        return self.known[key]

    def write(self, expr: Expr, level: int) -> None:
        """Adds the lines of `expr`, each behind `level` indents."""
        lines, indent = self.lines, _INDENT * level
        if isinstance(expr, Unary):
            first = len(lines)
            self.write(expr.expr, level)
            lines[first] = f"{indent}{expr.op}{lines[first].strip()}"
            return
        line = self.one_line(expr)
        if line is not None:
            # A subquery is the one expression that the original doesn't indent.
            lines.append(line if isinstance(expr, Subquery) else f"{indent}{line}")
            return
        match expr:
            case Aggregation(_, inner, param):
                self.block(aggregation_head(expr), [inner] if param is None else [param, inner], level)
            case Call(function, args):
                self.block(function, args, level)
            case Paren(inner):
                self.block("", [inner], level)
            case Binary(_, left, right):
                self.write(left, level + 1)
                lines.append(f"{indent}{operator_text(expr)}")
                self.write(right, level + 1)
            case Subquery(inner):
                self.write(inner, level)
                lines[-1] += subquery_suffix(expr)
            case _:
                lines.append(f"{indent}{format_expr(expr)}")

    def block(self, head: str, inside: Sequence[Expr], level: int) -> None:
        indent = _INDENT * level
        self.lines.append(f"{indent}{head}(")
        for i, expr in enumerate(inside):
            if i:
                self.lines[-1] += ","
            self.write(expr, level + 1)
        self.lines.append(f"{indent})")
