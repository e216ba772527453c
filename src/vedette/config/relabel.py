"""Relabelling: an ordered list of rules that rewrites, keeps or drops a label set.

The rule language of Prometheus, which every original's ``relabel_configs`` shares. A rule is compiled once, when its
configuration is read; `process` then costs one call a rule.
"""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from pydantic import model_validator

from vedette.config.model import RegexText, Strict
from vedette.model.labels import Labels, compile_regex, is_label_name, is_legacy_label_name, quote

DEFAULT_REGEX = "(.*)"
DEFAULT_REPLACEMENT = "$1"
DEFAULT_SEPARATOR = ";"


class Action(enum.StrEnum):
    REPLACE = "replace"
    KEEP = "keep"
    DROP = "drop"
    KEEPEQUAL = "keepequal"
    DROPEQUAL = "dropequal"
    HASHMOD = "hashmod"
    LABELMAP = "labelmap"
    LABELDROP = "labeldrop"
    LABELKEEP = "labelkeep"
    LOWERCASE = "lowercase"
    UPPERCASE = "uppercase"


_EQUALITY = (Action.KEEPEQUAL, Action.DROPEQUAL)
_CASE = (Action.LOWERCASE, Action.UPPERCASE)
_NAME_FILTERS = (Action.LABELDROP, Action.LABELKEEP)
_NEED_TARGET = (Action.REPLACE, Action.HASHMOD, *_EQUALITY, *_CASE)


class RelabelConfig(Strict):
    """One rule of ``relabel_configs`` and its sisters, checked as the original checks it."""

    source_labels: tuple[str, ...] = ()
    separator: str = DEFAULT_SEPARATOR
    target_label: str = ""
    regex: RegexText = DEFAULT_REGEX
    modulus: int = 0
    replacement: str = DEFAULT_REPLACEMENT
    action: Action = Action.REPLACE

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        read = dict(data)
        for key in ("separator", "target_label", "regex", "replacement"):
            if key in read and read[key] is None:
                read[key] = ""  # an empty value is the empty text here, not the default
        if "source_labels" in read and read["source_labels"] is None:
            del read["source_labels"]
        if "action" in read:
            action = read["action"]
            if action is None or action == "":
                raise ValueError("relabel action cannot be empty; leave the key out for replace")
            if isinstance(action, str):
                read["action"] = action = action.lower()
                if action not in list(Action):
                    raise ValueError(f"unknown relabel action {quote(action)}; one of: {', '.join(Action)}")
        return read

    @model_validator(mode="after")
    def _check(self) -> RelabelConfig:
        fault = self.fault(legacy_names=False)
        if fault:
            raise ValueError(fault)
        return self

    def fault(self, *, legacy_names: bool) -> str:
        """What is wrong with the rule under UTF-8 or legacy label names, in the original's words; '' when nothing."""
        action, target = self.action, self.target_label
        if action is Action.HASHMOD and self.modulus <= 0:
            return "relabel configuration for hashmod requires non-zero modulus"
        if action in _NEED_TARGET and not target:
            return f"relabel configuration for {action} action requires 'target_label' value"
        if action in _NEED_TARGET:
            valid = _valid_template if action is Action.REPLACE else _valid_name
            if not valid(target, legacy_names):
                return f"{quote(target)} is invalid 'target_label' for {action} action"
        if action in _CASE and self.replacement != DEFAULT_REPLACEMENT:
            return f"'replacement' can not be set for {action} action"
        if action is Action.LABELMAP and not _valid_template(self.replacement, legacy_names):
            return f"{quote(self.replacement)} is invalid 'replacement' for {action} action"
        plain = (
            self.modulus == 0
            and self.separator == DEFAULT_SEPARATOR
            and self.replacement == DEFAULT_REPLACEMENT
        )
        if action in _EQUALITY and not (plain and self.regex == DEFAULT_REGEX):
            return f"{action} action requires only 'source_labels' and 'target_label', and no other fields"
        if action in _NAME_FILTERS and not (plain and not self.source_labels and not target):
            return f"{action} action requires only 'regex', and no other fields"
        return ""

    @cached_property
    def apply(self) -> Callable[[dict[str, str]], bool]:
        """Rewrites a mutable label set in place; False when the set is dropped."""
        return _STEPS[self.action](self)

    @property
    def does_nothing(self) -> bool:
        """Whether the rule can never change a label set: it copies a label onto itself."""
        return (
            self.action is Action.REPLACE
            and self.source_labels == (self.target_label,)
            and self.regex in (DEFAULT_REGEX, ".*", ".+", "(.+)")
            and self.replacement in ("$1", "${1}", "$0", "${0}")
            and ("(" in self.regex or "0" in self.replacement)
        )


def process(labels: Labels, configs: Iterable[RelabelConfig]) -> Labels | None:
    """`labels` after all rules, or None when a rule dropped them."""
    work = labels.to_dict()
    if not run(work, configs):
        return None
    return Labels(work)


def run(work: dict[str, str], configs: Iterable[RelabelConfig]) -> bool:
    """Applies all rules to `work` in place. False when a rule dropped the set; `work` is then half done."""
    return all(config.apply(work) for config in configs)


# --- the actions: each builds a function of a label set --------------------------------------------------------

_Step = Callable[[dict[str, str]], bool]


def _source(config: RelabelConfig) -> Callable[[dict[str, str]], str]:
    names, separator = config.source_labels, config.separator
    if len(names) == 1:
        name = names[0]
        return lambda work: work.get(name, "")
    return lambda work: separator.join([work.get(name, "") for name in names])


def _put(work: dict[str, str], name: str, value: str) -> None:
    if value:
        work[name] = value
    else:
        work.pop(name, None)


def _replace(config: RelabelConfig) -> _Step:
    source, match = _source(config), compile_regex(config.regex).match
    target, value = Template(config.target_label), Template(config.replacement)
    if config.regex == DEFAULT_REGEX and not target.groups and value.groups in ((), ("1",)):
        # The common shapes: a constant, or the source with something around it.
        name = config.target_label if not target.parts else target.expand(None)

        def copy(work: dict[str, str]) -> bool:
            _put(work, name, value.join(source(work)))
            return True

        return copy

    def step(work: dict[str, str]) -> bool:
        found = match(source(work))
        if found is not None:
            name = target.expand(found)
            if is_label_name(name):
                _put(work, name, value.expand(found))
        return True

    return step


def _keep(config: RelabelConfig) -> _Step:
    source, match = _source(config), compile_regex(config.regex).match
    return lambda work: match(source(work)) is not None


def _drop(config: RelabelConfig) -> _Step:
    source, match = _source(config), compile_regex(config.regex).match
    return lambda work: match(source(work)) is None


def _keepequal(config: RelabelConfig) -> _Step:
    source, target = _source(config), config.target_label
    return lambda work: work.get(target, "") == source(work)


def _dropequal(config: RelabelConfig) -> _Step:
    source, target = _source(config), config.target_label
    return lambda work: work.get(target, "") != source(work)


def _hashmod(config: RelabelConfig) -> _Step:
    source, target, modulus = _source(config), config.target_label, config.modulus

    def step(work: dict[str, str]) -> bool:
        digest = hashlib.md5(source(work).encode("utf-8"), usedforsecurity=False).digest()
        work[target] = str(int.from_bytes(digest[8:], "big") % modulus)
        return True

    return step


def _labelmap(config: RelabelConfig) -> _Step:
    match, name = compile_regex(config.regex).match, Template(config.replacement)

    def step(work: dict[str, str]) -> bool:
        for old, value in sorted(work.items()):
            found = match(old)
            if found is not None:
                _put(work, name.expand(found), value)
        return True

    return step


def _labeldrop(config: RelabelConfig) -> _Step:
    match = compile_regex(config.regex).match

    def step(work: dict[str, str]) -> bool:
        for name in [name for name in work if match(name) is not None]:
            del work[name]
        return True

    return step


def _labelkeep(config: RelabelConfig) -> _Step:
    match = compile_regex(config.regex).match

    def step(work: dict[str, str]) -> bool:
        for name in [name for name in work if match(name) is None]:
            del work[name]
        return True

    return step


def _lowercase(config: RelabelConfig) -> _Step:
    source, target = _source(config), config.target_label

    def step(work: dict[str, str]) -> bool:
        _put(work, target, source(work).lower())
        return True

    return step


def _uppercase(config: RelabelConfig) -> _Step:
    source, target = _source(config), config.target_label

    def step(work: dict[str, str]) -> bool:
        _put(work, target, _go_upper(source(work)))
        return True

    return step


def _go_upper(text: str) -> str:
    # Go maps character by character: the sharp s has no capital there.
    return (
        "".join(c if len(c.upper()) > 1 else c.upper() for c in text) if not text.isascii() else text.upper()
    )


_STEPS: dict[Action, Callable[[RelabelConfig], _Step]] = {
    Action.REPLACE: _replace,
    Action.KEEP: _keep,
    Action.DROP: _drop,
    Action.KEEPEQUAL: _keepequal,
    Action.DROPEQUAL: _dropequal,
    Action.HASHMOD: _hashmod,
    Action.LABELMAP: _labelmap,
    Action.LABELDROP: _labeldrop,
    Action.LABELKEEP: _labelkeep,
    Action.LOWERCASE: _lowercase,
    Action.UPPERCASE: _uppercase,
}


# --- templates of Go's regexp package ---------------------------------------------------------------------------

_REFERENCE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))?")


class Template:
    """Replacement text with ``$1``, ``${1}``, ``$name``, ``$$``, read as Go's ``Regexp.Expand`` reads it.

    ``$1_x`` names the group ``1_x``, which no expression has: write ``${1}_x``.
    """

    __slots__ = ("groups", "parts")

    def __init__(self, text: str) -> None:
        self.parts: list[tuple[str, str]] = []  # literal text, then the group after it ('' for none)
        at, literal = 0, ""
        for found in _REFERENCE.finditer(text):
            literal += text[at : found.start()]
            at = found.end()
            name = found[1] or found[2]
            if name is None:
                literal += "$"  # `$$`, or a lone dollar sign
            else:
                self.parts.append((literal, name))
                literal = ""
        literal += text[at:]
        if literal:
            self.parts.append((literal, ""))
        self.groups: tuple[str, ...] = tuple(name for _, name in self.parts if name)

    def expand(self, found: Any) -> str:
        """The text for one match; groups that don't exist or took no part are empty."""
        out = []
        for literal, name in self.parts:
            out.append(literal)
            if name:
                out.append(_group(found, name))
        return "".join(out)

    def join(self, whole: str) -> str:
        """The text when group 1 is `whole` and no other is named."""
        return "".join([literal + whole if name else literal for literal, name in self.parts])


def _group(found: Any, name: str) -> str:
    if name.isdecimal() and name.isascii():
        if len(name) > 8 or (name[0] == "0" and len(name) > 1) or int(name) > found.re.groups:
            return ""
        return found.group(int(name)) or ""
    if name not in found.re.groupindex:
        return ""
    return found.group(name) or ""


def _valid_name(name: str, legacy: bool) -> bool:
    return is_legacy_label_name(name) if legacy else is_label_name(name)


_LEGACY_TEMPLATE = re.compile(r"(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))(?:\w|\$(?:\{\w+\}|\w+))*)+\Z", re.ASCII)


def _valid_template(text: str, legacy: bool) -> bool:
    return _LEGACY_TEMPLATE.match(text) is not None if legacy else is_label_name(text)


def faults(configs: Sequence[RelabelConfig], *, legacy_names: bool) -> list[tuple[int, str]]:
    """The index and fault of each rule that the naming scheme forbids."""
    checked = ((index, config.fault(legacy_names=legacy_names)) for index, config in enumerate(configs))
    return [(index, fault) for index, fault in checked if fault]
