"""One line on its way through the stages: the meaning of LogQL, in plain Python.

Queries over many lines go through `columns.py` and come here only for lines whose labels are shown, and for lines that
the kernels cannot vouch for. What this module says is what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from vedette.logs.batch import Meta
from vedette.logs.filters.quantity import COMPARE, read_quantity
from vedette.logs.filters.regex import compile_search
from vedette.logs.logql.syntax import nodes as n
from vedette.logs.logql.syntax.errors import NotSupported
from vedette.logs.parsers.json import parse_fields
from vedette.logs.parsers.json_paths import parse_path, parse_paths
from vedette.logs.parsers.line_format import execute, line_template
from vedette.logs.parsers.logfmt import LogfmtFault, pairs
from vedette.logs.parsers.names import sanitize
from vedette.template import TemplateError

ERROR = "__error__"
ERROR_DETAILS = "__error_details__"
EXTRACTED = "_extracted"


class Entry:
    """A line with its labels: those of the stream, its metadata, and what stages made of it."""

    __slots__ = ("details", "error", "line", "meta", "parsed", "stream", "time")

    def __init__(self, time: int, line: bytes, stream: Mapping[str, str], meta: Meta) -> None:
        self.time = time
        self.line = line
        self.stream = stream
        self.meta = merged_meta(stream, meta)
        self.parsed: dict[str, str] = {}
        self.error = ""
        self.details = ""

    def get(self, name: str) -> str | None:
        """The value of a label, or None. Parsed labels hide metadata, metadata hides stream labels."""
        if name == ERROR:
            return self.error or None
        if name == ERROR_DETAILS:
            return self.details or None
        for labels in (self.parsed, self.meta, self.stream):
            if name in labels:
                return labels[name]
        return None

    def emit(self, name: str, value: str) -> None:
        """Adds a parsed label. The first of a name stays; a name of the stream's or the metadata's is renamed."""
        if name in self.stream or name in self.meta:
            name += EXTRACTED
        self.parsed.setdefault(name, value)

    def has_base(self, name: str) -> bool:
        """Whether the stream or the metadata has a label `name`."""
        return name in self.stream or name in self.meta

    def fail(self, error: str, details: str) -> None:
        self.error, self.details = error, details

    def labels(self) -> dict[str, str]:
        """All labels, as they are shown."""
        return {**self.stream, **self.meta, **self.parsed_labels()}

    def parsed_labels(self) -> dict[str, str]:
        out = dict(self.parsed)
        if self.error:
            out[ERROR] = self.error
        if self.details:
            out[ERROR_DETAILS] = self.details
        return out


def merged_meta(stream: Mapping[str, str], meta: Meta) -> dict[str, str]:
    """Metadata under the names it is shown: one that a stream label has is renamed."""
    return {(name + EXTRACTED if name in stream else name): value for name, value in meta}


# A stage changes the entry and says whether it stays.
Step = Callable[[Entry], bool]


class RowPipeline:
    """The stages of a query, for one line at a time. Raises `NotSupported` for stages of later releases."""

    def __init__(self, stages: Sequence[n.Stage]) -> None:
        self._steps = [compile_stage(stage) for stage in stages]

    def run(self, time: int, line: bytes, stream: Mapping[str, str], meta: Meta) -> Entry | None:
        """The entry after all stages, or None when one dropped it."""
        entry = Entry(time, line, stream, meta)
        for step in self._steps:
            if not step(entry):
                return None
        return entry


def compile_stage(stage: n.Stage) -> Step:
    match stage:
        case n.LineFilter():
            test = line_test(stage)
            return lambda entry: test(entry.line)
        case n.JsonStage(fields=()):
            return _json
        case n.JsonStage():
            return _json_paths(stage)
        case n.LogfmtStage():
            return _logfmt(stage)
        case n.LabelFilter():
            return _condition(stage.condition)
        case n.LineFormat():
            return _line_format(stage.template)
        case n.OtherStage():
            raise NotSupported(f"the stage `{stage.name}`")
    raise AssertionError(f"BUG: a stage without a meaning: {stage!r}")


# ---- line filters ------------------------------------------------------------------------------------------------


def line_test(stage: n.LineFilter) -> Callable[[bytes], bool]:
    if stage.op in ("|>", "!>"):
        raise NotSupported(f"the pattern filter `{stage.op}`")
    if any(needle.ip for needle in stage.needles):
        raise NotSupported("the ip() line filter")
    texts = [needle.text for needle in stage.needles]
    test: Callable[[bytes], bool]
    if stage.op in ("|=", "!="):
        needles = [text.encode() for text in texts]
        test = lambda line: any(needle in line for needle in needles)  # noqa: E731
    else:
        searches = [compile_search(text).search for text in texts]
        test = lambda line: any(search(line) is not None for search in searches)  # noqa: E731
    if stage.op in ("!=", "!~"):
        return lambda line: not test(line)
    return test


# ---- parsers -----------------------------------------------------------------------------------------------------


def _json(entry: Entry) -> bool:
    fault = parse_fields(entry.line, entry.emit)
    if fault is not None:
        entry.fail("JSONParserErr", fault)
    return True


def _json_paths(stage: n.JsonStage) -> Step:
    fields = [(name, parse_path(path)) for name, path in stage.fields]

    def step(entry: Entry) -> bool:
        def emit(name: str, value: str | None) -> None:
            # A missing part is an empty label, but it does not hide a label of the stream.
            if value is not None or not entry.has_base(name):
                entry.emit(name, value or "")

        fault = parse_paths(entry.line, fields, emit)
        if fault is not None:
            entry.fail("JSONParserErr", fault)
        return True

    return step


def _logfmt(stage: n.LogfmtStage) -> Step:
    wanted = dict.fromkeys(path for _, path in stage.fields)

    def every(entry: Entry) -> bool:
        for key, value in _read(entry):
            name = sanitize(key.decode("utf-8", "replace"))
            if name and (value or stage.keep_empty):
                entry.emit(name, (value or b"").decode("utf-8", "replace").replace("�", ""))
        return True

    def some(entry: Entry) -> bool:
        found: dict[str, str] = {}
        for key, value in _read(entry):
            name = key.decode("utf-8", "replace")
            if name in wanted:
                found.setdefault(name, (value or b"").decode("utf-8", "replace").replace("�", ""))
        for name, path in stage.fields:
            if path in found or not entry.has_base(name):
                entry.emit(name, found.get(path, ""))
        return True

    def _read(entry: Entry) -> Iterator[tuple[bytes, bytes | None]]:
        try:
            yield from pairs(entry.line, strict=stage.strict)
        except LogfmtFault as fault:
            entry.fail("LogfmtParserErr", str(fault))

    return some if stage.fields else every


def _line_format(text: str) -> Step:
    template = line_template(text)

    def step(entry: Entry) -> bool:
        try:
            line = execute(template, entry.labels(), entry.line.decode("utf-8", "replace"), entry.time)
        except TemplateError as error:
            entry.fail("TemplateFormatErr", str(error))
        else:
            entry.line = line.encode("utf-8", "replace")
        return True

    return step


# ---- label filters -------------------------------------------------------------------------------------------------


def _condition(node: n.Condition) -> Step:
    match node:
        case n.StringCondition(matcher):
            return lambda entry: matcher.matches(entry.get(matcher.name) or "")
        case n.NumberCondition():
            return _quantity(node)
        case n.And():
            left, right = _condition(node.left), _condition(node.right)

            def both(entry: Entry) -> bool:
                # The right side is asked even when the left said no: it may mark the line as faulty.
                kept = left(entry)
                return right(entry) and kept

            return both
        case n.Or():
            left, right = _condition(node.left), _condition(node.right)
            return lambda entry: left(entry) or right(entry)
        case n.IpCondition():
            raise NotSupported("the ip() label filter")
    raise AssertionError(f"BUG: a condition without a meaning: {node!r}")


def _quantity(node: n.NumberCondition) -> Step:
    compare = COMPARE[node.op]

    def step(entry: Entry) -> bool:
        if entry.error:
            # Only a string comparison can drop a line that is marked as faulty.
            return True
        text = entry.get(node.name)
        if text is None:
            return False
        try:
            value = read_quantity(node.kind, text)
        except ValueError as error:
            entry.fail("LabelFilterErr", str(error))
            return True
        return compare(value, node.value)

    return step
