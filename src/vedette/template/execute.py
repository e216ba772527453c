"""Carrying a template out.

`State.node` is the node an error is blamed on; it moves exactly as Go's does, because the position in an error is
what people look for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vedette.template import nodes as ast
from vedette.template.compile import MAX_DEPTH, Compiler
from vedette.template.errors import TemplateError
from vedette.template.literals import quote
from vedette.template.state import Break, Continue, Output, Run, State
from vedette.template.values import ABSENT


@dataclass(slots=True)
class Program:
    """A set of trees compiled against a set of functions."""

    trees: Mapping[str, ast.Tree]
    functions: Mapping[str, Callable[..., Any]]
    compiled: dict[str, Run] = field(default_factory=dict)

    def body(self, name: str) -> Run:
        found = self.compiled.get(name)
        if found is None:
            found = self.compiled[name] = Compiler(self.functions).list(self.trees[name].root)
        return found

    def run(
        self,
        name: str,
        data: Any,
        *,
        out: Output,
        missing_key: str = "default",
        variables: Mapping[str, Any] | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        """Writes template `name` for `data` to `out`. Raises `TemplateError`."""
        tree = self.trees.get(name)
        if tree is None:
            raise TemplateError(f"template: no template {quote(name)} associated with template {quote(name)}")
        dot = ABSENT if data is None else data
        given = [[key, value] for key, value in (variables or {}).items()]
        state = State(
            program=self,
            functions={**self.functions, **functions} if functions else self.functions,
            tree=tree,
            out=out,
            missing_key=missing_key,
            variables=[["$", dot], *given],
        )
        try:
            self.body(name)(state, dot)
        except (Break, Continue):
            raise AssertionError("BUG: break outside range passed the parser") from None
        except RecursionError:
            raise TemplateError(f"template: {name}: exceeded maximum template depth ({MAX_DEPTH})") from None
