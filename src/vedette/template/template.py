"""Templates as the rest of Vedette uses them.

    greeting = parse("hello {{ .name | printf \\"%q\\" }}", name="greeting")
    greeting.execute({"name": "world"})          # hello "world"

A `Template` is parsed once and may be executed any number of times, from several threads. A `TemplateSet` is many
files whose ``{{ define }}``s see each other; a later definition replaces an earlier one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vedette.template.builtins import BUILTINS
from vedette.template.execute import Program
from vedette.template.html import HtmlOutput
from vedette.template.nodes import Tree
from vedette.template.output import PlainOutput
from vedette.template.syntax import parse_trees

MissingKey = Literal["default", "zero", "error"]
Functions = Mapping[str, Callable[..., Any]]

_NO_FUNCTIONS: Functions = {}


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    program: Program
    missing_key: MissingKey = "default"

    def execute(
        self,
        data: Any,
        *,
        variables: Mapping[str, Any] | None = None,
        html: bool = False,
        functions: Functions = _NO_FUNCTIONS,
    ) -> str:
        """The text of the template for `data`. Raises `TemplateError`.

        `variables` (names with their ``$``) must have been announced to `parse`. With `html`, values are escaped
        by where in the page they stand. `functions` stand in, this once, for those of the same name (and signature)
        that the template was read with.
        """
        out = HtmlOutput() if html else PlainOutput()
        self.program.run(
            self.name,
            data,
            out=out,
            missing_key=self.missing_key,
            variables=variables,
            functions=functions,
        )
        return out.finish()


def parse(
    text: str,
    *,
    name: str = "",
    functions: Functions = _NO_FUNCTIONS,
    variables: Collection[str] = (),
    missing_key: MissingKey = "default",
) -> Template:
    """Reads a template. Raises `TemplateError`.

    `functions` are added to Go's built-in ones; their annotations are their Go signature (`vedette.template.calls`).
    `missing_key` says what an absent key of a map reads as: ``default`` prints ``<no value>``, ``zero`` is the
    empty value of the map's type, ``error`` stops.
    """
    known = {**BUILTINS, **functions}
    trees = parse_trees(text, name=name, functions=known, variables=variables)
    return Template(name, Program(trees, known), missing_key)


class TemplateSet:
    """Templates of several files under one roof."""

    def __init__(self, functions: Functions = _NO_FUNCTIONS, *, missing_key: MissingKey = "default") -> None:
        self.functions = {**BUILTINS, **functions}
        self.missing_key: MissingKey = missing_key
        self._trees: dict[str, Tree] = {}

    def add(self, text: str, *, name: str) -> None:
        """Takes in every definition of a file. Raises `TemplateError`, and then takes none."""
        for tree_name, tree in parse_trees(text, name=name, functions=self.functions).items():
            known = self._trees.get(tree_name)
            if known is None or not tree.is_empty():
                self._trees[tree_name] = tree

    def names(self) -> list[str]:
        return sorted(self._trees)

    def execute(self, name: str, data: Any, *, html: bool = False) -> str:
        """The text of definition `name`. Raises `TemplateError`."""
        return Template(name, Program(self._trees, self.functions), self.missing_key).execute(data, html=html)

    def compile(self, text: str, *, name: str = "") -> Template:
        """Reads `text` against the definitions of the set, which it may replace for itself."""
        trees = {
            tree_name: tree
            for tree_name, tree in parse_trees(text, name=name, functions=self.functions).items()
            if tree_name == name or not tree.is_empty()
        }
        return Template(name, Program({**self._trees, **trees}, self.functions), self.missing_key)
