"""YAML with positions.

Scalars stay text: which type a key has is the model's decision, as it is with the originals' Go structs (``yes`` is
a fine label value, ``1.10`` a fine version). Plain ``null``, ``~`` and nothing at all are None.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from vedette.config.environment import UndefinedVariable, expand
from vedette.config.problems import ConfigError, Problem, Severity

Location = tuple[str | int, ...]
Position = tuple[int, int]  # line and column, from 1

# Keys whose values have a dollar language of their own, in which `$$` already means something.
DOLLAR_KEYS = frozenset({"replacement", "expr", "regex", "template", "expression", "query", "replace"})
_BINARY = "tag:yaml.org,2002:binary"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Document:
    """One parsed file: plain ``dict``/``list``/``str``/``None``, and where each part stands."""

    path: str
    text: str
    data: Any
    positions: dict[Location, Position] = field(default_factory=dict)
    key_positions: dict[Location, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)  # found while reading; fatal ones were raised

    def position(self, loc: Location) -> Position:
        """Where `loc` stands; of a part that isn't there, where the nearest enclosing part does."""
        while loc:
            found = self.key_positions.get(loc) or self.positions.get(loc)
            if found is not None:
                return found
            loc = loc[:-1]
        return self.positions.get((), (1, 1))

    def value_position(self, loc: Location) -> Position:
        """Where the value of `loc` begins (a block scalar: the line of its indicator)."""
        return self.positions.get(loc) or self.position(loc)

    def problem(self, loc: Location, message: str, hint: str = "", severity: Severity = "error") -> Problem:
        line, column = self.position(loc)
        return Problem(self.path, line, column, dotted(loc), message, hint, severity)


def dotted(loc: Location) -> str:
    """``("a", 0, "b")`` as ``a[0].b``."""
    out = ""
    for part in loc:
        if isinstance(part, int):
            out += f"[{part}]"
        else:
            out += f".{part}" if out else part
    return out


def read_document(path: str | Path, env: Mapping[str, str] | None = None) -> Document:
    """Reads and parses a file. Raises `ConfigError` for one that can't be read or isn't YAML."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError([Problem(str(path), 0, 0, "", "no such file")]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            [Problem(str(path), line, 0, "", "not UTF-8 text", "save the file as UTF-8")]
        ) from None
    except OSError as error:
        raise ConfigError([Problem(str(path), 0, 0, "", f"can't be read: {error.strerror}")]) from None
    return parse_document(text, path=str(path), env=env)


def parse_document(text: str, *, path: str = "<text>", env: Mapping[str, str] | None = None) -> Document:
    """Parses YAML text (its first document) and expands environment references in its values.

    `env` None means the process's environment. Raises `ConfigError` for a syntax fault, a duplicate key, or an
    undefined variable; all of the latter two at once.
    """
    loader = _LOADER(text)
    try:
        # Like the originals: the first document counts, what follows a `---` does not.
        root = loader.get_node() if loader.check_node() else None
        if root is not None and "\n---" not in text:
            loader.check_node()  # reads on to the end, so that a fault behind the document is found
    except yaml.YAMLError as error:
        raise ConfigError([_syntax_problem(path, text, error)]) from None
    finally:
        loader.dispose()
    document = Document(path, text, None)
    reader = _Reader(document, os.environ if env is None else env)
    document.data = reader.build(root, ()) if root is not None else None
    if reader.faults:
        raise ConfigError(reader.faults)
    return document


def _syntax_problem(path: str, text: str, error: yaml.YAMLError) -> Problem:
    if isinstance(error, yaml.reader.ReaderError):
        before = text.encode("utf-8", "replace")[: error.position]
        line, column = before.count(b"\n") + 1, error.position - before.rfind(b"\n")
        character = f"#x{error.character:02x}" if isinstance(error.character, int) else repr(error.character)
        return Problem(
            path, line, column, "", f"not valid YAML: unacceptable character {character}; remove it"
        )
    mark = getattr(error, "problem_mark", None)
    message = getattr(error, "problem", None) or str(error)
    context = getattr(error, "context", None)
    hint = "indent with spaces, not tabs" if "\\t" in message or "'\t'" in message else ""
    if context:
        message = f"{message} ({context})"
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    return Problem(path, line, column, "", f"not valid YAML: {message}", hint)


class _Reader:
    """Turns YAML nodes into plain values, noting positions."""

    def __init__(self, document: Document, env: Mapping[str, str]) -> None:
        self.document = document
        self.env = env
        self.faults: list[Problem] = []

    def build(self, node: yaml.Node, loc: Location) -> Any:
        self.document.positions.setdefault(loc, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*loc, i)) for i, child in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return self._scalar(node, loc)

    def _mapping(self, node: yaml.MappingNode, loc: Location) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(key_node, loc, "a key must be a plain value, not a list or mapping")
                continue
            key = self._binary(key_node, loc) if key_node.tag == _BINARY else key_node.value
            if key == "<<" and not key_node.style:
                for source in self._merge_sources(value_node):
                    for name, value in self._mapping(source, loc).items():
                        merged.setdefault(name, value)
                continue
            here = (*loc, key)
            if key in made:
                self._fault(key_node, here, f'key "{key}" stands here twice', "keep one of them")
                continue
            self.document.key_positions[here] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            made[key] = self.build(value_node, here)
        return merged | made

    @staticmethod
    def _merge_sources(node: yaml.Node) -> Iterator[yaml.MappingNode]:
        for source in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(source, yaml.MappingNode):
                yield source

    def _scalar(self, node: yaml.ScalarNode, loc: Location) -> str | None:
        if not node.style and node.value in _NULLS and node.tag != "tag:yaml.org,2002:str":
            return None
        if node.tag == _BINARY:
            return self._binary(node, loc)
        owner = next((part for part in reversed(loc) if isinstance(part, str)), "")
        try:
            return expand(node.value, self.env, keep_double_dollar=owner in DOLLAR_KEYS)
        except UndefinedVariable as missing:
            name = missing.args[0]
            self._fault(
                node,
                loc,
                f"environment variable {name} is not set",
                f"set it, or write ${{{name}:-default}}",
            )
            return str(node.value)

    def _binary(self, node: yaml.ScalarNode, loc: Location) -> str:
        """Text written as ``!!binary``, in base64."""
        try:
            return base64.b64decode("".join(node.value.split()), validate=True).decode("utf-8")
        except ValueError:
            self._fault(node, loc, "!!binary holds no UTF-8 text", "write the text itself")
            return str(node.value)

    def _fault(self, node: yaml.Node, loc: Location, message: str, hint: str = "") -> None:
        mark = node.start_mark
        self.faults.append(
            Problem(self.document.path, mark.line + 1, mark.column + 1, dotted(loc), message, hint)
        )
