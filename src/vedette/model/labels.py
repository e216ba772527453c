"""Label sets and the matchers that select them.

A `Labels` object exists where a person or a protocol needs one (parsing, relabelling, alerts, answers). Hot paths
carry labels as columns of interned integers instead, see `vedette.algebra.table`.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import re2

METRIC_NAME = "__name__"
BUCKET_LABEL = "le"
QUANTILE_LABEL = "quantile"
ALERT_NAME = "alertname"

_LEGACY_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_LEGACY_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")


def is_legacy_label_name(name: str) -> bool:
    """Whether `name` may stand bare in a selector: ``[a-zA-Z_][a-zA-Z0-9_]*``."""
    return _LEGACY_LABEL_NAME.match(name) is not None


def is_legacy_metric_name(name: str) -> bool:
    """Whether `name` may stand bare as a metric: ``[a-zA-Z_:][a-zA-Z0-9_:]*``."""
    return _LEGACY_METRIC_NAME.match(name) is not None


def is_label_name(name: str) -> bool:
    """Whether `name` is a label name of Prometheus 3: any non-empty valid UTF-8 text."""
    if not name:
        return False
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def quote(text: str) -> str:
    """`text` as a double-quoted Go string literal, as matchers and label sets are printed."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join([ch if ch.isprintable() and ch not in '"\\' else _escaped(ch) for ch in text]) + '"'


def _escaped(ch: str) -> str:
    if ch in _GO_ESCAPES:
        return _GO_ESCAPES[ch]
    code = ord(ch)
    if 0xDC80 <= code <= 0xDCFF:
        # A byte that is no UTF-8.
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_GO_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


class Labels:
    """An immutable label set, ordered by name (as bytes), without empty values.

    Equal sets are equal objects by value and hash the same. An empty value means the label is absent, as in
    Prometheus's data model.
    """

    __slots__ = ("_hash", "pairs")

    pairs: tuple[tuple[str, str], ...]

    def __init__(self, pairs: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        items = dict(pairs)
        object.__setattr__(self, "pairs", tuple(sorted((n, v) for n, v in items.items() if v != "")))
        object.__setattr__(self, "_hash", None)

    @classmethod
    def of(cls, **labels: str) -> Labels:
        return cls(labels)

    @classmethod
    def from_sorted(cls, pairs: tuple[tuple[str, str], ...]) -> Labels:
        """Trusts that `pairs` are sorted, unique and not empty."""
        made = cls.__new__(cls)
        object.__setattr__(made, "pairs", pairs)
        object.__setattr__(made, "_hash", None)
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Labels are immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        return (Labels.from_sorted, (self.pairs,))

    def get(self, name: str, default: str = "") -> str:
        for n, v in self.pairs:
            if n == name:
                return v
        return default

    def __getitem__(self, name: str) -> str:
        for n, v in self.pairs:
            if n == name:
                return v
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(n == name for n, _ in self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Labels) and self.pairs == other.pairs

    def __lt__(self, other: Labels) -> bool:
        return self.pairs < other.pairs

    def __hash__(self) -> int:
        if self._hash is None:
            object.__setattr__(self, "_hash", hash(self.pairs))
        return self._hash  # type: ignore[return-value]

    _hash: int | None

    @property
    def name(self) -> str:
        """The metric name, or an empty string."""
        return self.get(METRIC_NAME)

    def to_dict(self) -> dict[str, str]:
        return dict(self.pairs)

    def with_(self, more: Mapping[str, str] | Iterable[tuple[str, str]]) -> Labels:
        """This set with `more` laid over it; an empty value removes the label."""
        return Labels(self.to_dict() | dict(more))

    def without(self, *names: str) -> Labels:
        return Labels.from_sorted(tuple(p for p in self.pairs if p[0] not in names))

    def only(self, names: Iterable[str]) -> Labels:
        keep = frozenset(names)
        return Labels.from_sorted(tuple(p for p in self.pairs if p[0] in keep))

    def __str__(self) -> str:
        """As Prometheus prints a series: ``name{a="b"}``; UTF-8 names are quoted."""
        name = self.name
        bare = not name or is_legacy_metric_name(name)
        parts = [quote(name)] if name and not bare else []
        for n, v in self.pairs:
            if n == METRIC_NAME:
                continue
            parts.append(f"{n if is_legacy_label_name(n) else quote(n)}={quote(v)}")
        inside = ", ".join(parts)
        if name and bare:
            return f"{name}{{{inside}}}" if inside else name
        return f"{{{inside}}}"

    def __repr__(self) -> str:
        return f"Labels({self})"


class MatchOp(enum.StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"

    @property
    def negative(self) -> bool:
        return self in (MatchOp.NOT_EQUAL, MatchOp.NOT_REGEX)


class RegexError(ValueError):
    """A regular expression that RE2 refuses. `str()` is the text for the user."""


@lru_cache(maxsize=4096)
def compile_regex(pattern: str) -> Any:
    """RE2 of `pattern`, anchored at both ends, dot matching newline, as every original does with labels.

    Returns an `re2` pattern; use ``.match(text)``. Raises `RegexError`.
    """
    return _compile(f"^(?:{pattern})$", pattern)


def _compile(text: str, pattern: str) -> Any:
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    options.max_mem = 64 << 20
    try:
        return re2.compile(text, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if isinstance(error, re2.error) and error.args else "invalid UTF-8"
        if isinstance(reason, bytes):
            reason = reason.decode("utf-8", "replace")
        raise RegexError(go_reason(reason, pattern)) from None


def compile_matcher(pattern: str) -> Any:
    """As `compile_regex`, of a pattern that must be one by itself too: matchers refuse ``a)|(b``."""
    try:
        found = compile_regex(pattern)
    except RegexError:
        # Said of what the user wrote, not of what was made of it.
        _compile(pattern, pattern)
        raise
    if ")" in pattern:
        _compile(pattern, pattern)
    return found


# What RE2 says, and what Go's port of it says of the same fault.
_GO_REASONS = {
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid repetition size": "invalid repeat count",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
}


def go_reason(reason: str, pattern: str) -> str:
    """RE2's complaint about `pattern` in the words of Go's regexp."""
    what, _, where = reason.partition(": ")
    if what == "trailing \\":
        return "error parsing regexp: trailing backslash at end of expression: ``"
    where = where.replace("^(?:", "^(?s:", 1) if where.startswith("^(?:") else where.removesuffix(")$")
    return f"error parsing regexp: {_GO_REASONS.get(what, what)}: `{where or pattern}`"


_LITERAL_SET = re.compile(r"[^\\.+*?()\[\]{}^$|]+(?:\|[^\\.+*?()\[\]{}^$|]+)*\Z")


class Matcher:
    """One condition on one label. A missing label has the empty value.

    Immutable by convention; prints back as it parses (``str``). Raises `RegexError` on a bad expression.
    """

    __slots__ = ("_hash", "_regex", "_set", "name", "op", "value")

    def __init__(self, name: str, op: MatchOp | str, value: str) -> None:
        self.name = name
        self.op = MatchOp(op)
        self.value = value
        # Matchers are keys of caches: hashed far more often than made.
        self._hash = hash((name, self.op.value, value))
        self._regex: Any = None
        self._set: frozenset[str] | None = None
        if self.op in (MatchOp.REGEX, MatchOp.NOT_REGEX):
            if _LITERAL_SET.match(value):
                self._set = frozenset(value.split("|"))
            else:
                self._regex = compile_matcher(value)

    @property
    def literals(self) -> frozenset[str] | None:
        """The only values that a positive matcher accepts, when it is ``=`` or a plain ``a|b|c``; else None."""
        if self.op is MatchOp.EQUAL:
            return frozenset((self.value,))
        return self._set if self.op is MatchOp.REGEX else None

    def matches(self, value: str) -> bool:
        if self.op is MatchOp.EQUAL:
            return value == self.value
        if self.op is MatchOp.NOT_EQUAL:
            return value != self.value
        hit = value in self._set if self._set is not None else self._regex.match(value) is not None
        return hit if self.op is MatchOp.REGEX else not hit

    def matches_labels(self, labels: Labels) -> bool:
        return self.matches(labels.get(self.name))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Matcher) and (self.name, self.op, self.value) == (
            other.name,
            other.op,
            other.value,
        )

    def __hash__(self) -> int:
        return self._hash

    def __str__(self) -> str:
        name = self.name if is_legacy_label_name(self.name) else quote(self.name)
        return f"{name}{self.op.value}{quote(self.value)}"

    def __repr__(self) -> str:
        return f"Matcher({self})"
