"""What a running template carries, and where its text goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from vedette.template import nodes as ast
from vedette.template.errors import TemplateError
from vedette.template.literals import quote

if TYPE_CHECKING:
    from vedette.template.execute import Program

Eval = Callable[["State", Any], Any]
Run = Callable[["State", Any], None]


class Output(Protocol):
    """Where a template writes: plain text, or text that escapes values by where in a page they stand."""

    def text(self, text: str) -> None:
        """Takes text of the template's author."""

    def value(self, value: object, pipe: ast.Pipe) -> None:
        """Takes the result of a pipeline."""


@dataclass(slots=True)
class State:
    program: Program
    functions: Mapping[str, Callable[..., Any]]
    tree: ast.Tree
    out: Output
    missing_key: str
    variables: list[list[Any]]
    node: ast.Node | None = None
    depth: int = 0

    def fault(self, message: str) -> TemplateError:
        if self.node is None:
            return TemplateError(f"template: {self.tree.name}: {message}")
        place = self.tree.locate(self.node)
        return TemplateError(
            f"template: {place}: executing {quote(self.tree.name)} at <{self.node}>: {message}"
        )

    def fail(self, message: str) -> NoReturn:
        raise self.fault(message)

    def variable(self, name: str) -> Any:
        for pair in reversed(self.variables):
            if pair[0] == name:
                return pair[1]
        raise self.fault(f"undefined variable: {name}")

    def assign(self, name: str, value: Any) -> None:
        for pair in reversed(self.variables):
            if pair[0] == name:
                pair[1] = value
                return
        self.fail(f"undefined variable: {name}")


class Break(Exception):
    pass


class Continue(Exception):
    pass


class NoFinal:
    """Marks that no pipeline feeds a command."""


NOT_FED = NoFinal()
