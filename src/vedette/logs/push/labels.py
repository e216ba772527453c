"""Label sets of pushed streams: parsing, what the server adds, and their limits."""

from __future__ import annotations

from dataclasses import dataclass

from vedette.logs.limits import PushLimits
from vedette.logs.logql.syntax import LogQLError, parse_labels
from vedette.logs.push.errors import PushError
from vedette.model.labels import Labels, is_legacy_label_name, quote

SERVICE_NAME = "service_name"
UNKNOWN_SERVICE = "unknown_service"


@dataclass(frozen=True, slots=True)
class StreamLabels:
    """The labels a stream is kept under. `fault` refuses every entry of it, with a 400."""

    labels: Labels
    text: str
    fault: str = ""


class LabelReader:
    """Label sets as they are sent to `StreamLabels`; remembers what it has seen, for agents repeat themselves."""

    _REMEMBERED = 20_000

    def __init__(self, limits: PushLimits) -> None:
        self._limits = limits
        self._seen: dict[str | tuple[tuple[str, str], ...], StreamLabels] = {}

    def read(self, sent: str | tuple[tuple[str, str], ...]) -> StreamLabels:
        """Raises `PushError`, which spoils the whole request."""
        known = self._seen.get(sent)
        if known is None:
            known = self._read(sent)
            if len(self._seen) >= self._REMEMBERED:
                self._seen.clear()
            self._seen[sent] = known
        return known

    def _read(self, sent: str | tuple[tuple[str, str], ...]) -> StreamLabels:
        labels = _parsed(sent) if isinstance(sent, str) else _checked(sent)
        given = len(labels)
        names = self._limits.service_name_labels
        if names and SERVICE_NAME not in labels:
            service = next((labels.get(name) for name in names if labels.get(name)), UNKNOWN_SERVICE)
            labels = labels.with_({SERVICE_NAME: service})
        elif SERVICE_NAME in labels:
            given -= 1
        text = label_text(labels)
        return StreamLabels(labels, text, self._fault(labels, given, text))

    def _fault(self, labels: Labels, given: int, text: str) -> str:
        limits = self._limits
        if not labels:
            return "error at least one label pair is required per stream"
        if given > limits.max_label_names:
            return f"entry for stream '{text}' has {given} label names; limit {limits.max_label_names}"
        for name, value in labels:
            if len(name.encode()) > limits.max_name_bytes:
                return f"stream '{text}' has label name too long: '{name}'"
            if len(value.encode()) > limits.max_value_bytes:
                return f"stream '{text}' has label value too long: '{value}'"
        return ""


def label_text(labels: Labels) -> str:
    """``{a="b", c="d"}``, as messages show a stream."""
    return "{" + ", ".join(f"{name}={quote(value)}" for name, value in labels) + "}"


def _parsed(text: str) -> Labels:
    try:
        return parse_labels(text) if text.strip() else Labels()
    except LogQLError as error:
        raise PushError(f"couldn't parse labels: {error}") from None


def _checked(pairs: tuple[tuple[str, str], ...]) -> Labels:
    for name, _ in pairs:
        if not is_legacy_label_name(name):
            bad = next((c for i, c in enumerate(name) if not is_legacy_label_name(name[: i + 1])), "=")
            at = name.find(bad) + 2
            raise PushError(
                f"couldn't parse labels: 1:{at}: parse error: unexpected character inside braces: '{bad}'"
            )
    return Labels(pairs)
