"""The syntax tree of a template. Nodes are frozen, know no data, and print back as Go prints them.

`at` is a character offset into the text of the file they came from; error messages turn it into line and column.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    at: int


@dataclass(frozen=True, slots=True)
class Text(Node):
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Identifier(Node):
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """``$x.a.b``: idents are ("$x", "a", "b")."""

    idents: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.idents)


@dataclass(frozen=True, slots=True)
class Field(Node):
    """``.a.b``"""

    idents: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(f".{ident}" for ident in self.idents)


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """``(pipeline).a.b``"""

    node: Node
    fields: tuple[str, ...]

    def __str__(self) -> str:
        head = f"({self.node})" if isinstance(self.node, Pipe) else str(self.node)
        return head + "".join(f".{name}" for name in self.fields)


@dataclass(frozen=True, slots=True)
class Dot(Node):
    def __str__(self) -> str:
        return "."


@dataclass(frozen=True, slots=True)
class Nil(Node):
    def __str__(self) -> str:
        return "nil"


@dataclass(frozen=True, slots=True)
class Bool(Node):
    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`integer` and `real` are None where the constant is no such number (``1.0`` is both)."""

    text: str
    value: int | float | complex
    integer: int | None
    real: float | None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class String(Node):
    quoted: str
    text: str

    def __str__(self) -> str:
        return self.quoted


@dataclass(frozen=True, slots=True)
class Command(Node):
    args: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(f"({arg})" if isinstance(arg, Pipe) else str(arg) for arg in self.args)


@dataclass(frozen=True, slots=True)
class Pipe(Node):
    declared: tuple[Variable, ...]
    is_assign: bool
    commands: tuple[Command, ...]

    def __str__(self) -> str:
        head = ""
        if self.declared:
            head = ", ".join(map(str, self.declared)) + (" = " if self.is_assign else " := ")
        return head + " | ".join(map(str, self.commands))


@dataclass(frozen=True, slots=True)
class Action(Node):
    pipe: Pipe

    def __str__(self) -> str:
        return f"{{{{{self.pipe}}}}}"


@dataclass(frozen=True, slots=True)
class List(Node):
    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.nodes))


@dataclass(frozen=True, slots=True)
class _Branch(Node):
    pipe: Pipe
    body: List
    otherwise: List | None

    def _print(self, word: str) -> str:
        tail = f"{{{{else}}}}{self.otherwise}" if self.otherwise is not None else ""
        return f"{{{{{word} {self.pipe}}}}}{self.body}{tail}{{{{end}}}}"


@dataclass(frozen=True, slots=True)
class If(_Branch):
    def __str__(self) -> str:
        return self._print("if")


@dataclass(frozen=True, slots=True)
class With(_Branch):
    def __str__(self) -> str:
        return self._print("with")


@dataclass(frozen=True, slots=True)
class Range(_Branch):
    def __str__(self) -> str:
        return self._print("range")


@dataclass(frozen=True, slots=True)
class Break(Node):
    def __str__(self) -> str:
        return "{{break}}"


@dataclass(frozen=True, slots=True)
class Continue(Node):
    def __str__(self) -> str:
        return "{{continue}}"


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``{{template "name" pipeline}}``; a block leaves one of these behind."""

    name: str
    quoted: str
    pipe: Pipe | None

    def __str__(self) -> str:
        return f"{{{{template {self.quoted}{f' {self.pipe}' if self.pipe else ''}}}}}"


@dataclass(frozen=True, slots=True)
class End(Node):
    def __str__(self) -> str:
        return "{{end}}"


@dataclass(frozen=True, slots=True)
class Else(Node):
    def __str__(self) -> str:
        return "{{else}}"


@dataclass(frozen=True, slots=True)
class Tree:
    """One named template: its body, and the file it was read from (for positions)."""

    name: str
    source_name: str
    source: str
    root: List = field(repr=False)

    def is_empty(self) -> bool:
        return all(isinstance(node, Text) and not node.text.strip() for node in self.root.nodes)

    def locate(self, node: Node) -> str:
        """``NAME:LINE:COLUMN`` of `node`, the column in bytes as Go counts it."""
        before = self.source[: node.at]
        line_start = before.rfind("\n") + 1
        column = len(before[line_start:].encode("utf-8", "replace"))
        return f"{self.source_name}:{1 + before.count(chr(10))}:{column}"
