"""Plain output: values print as Go's fmt prints them."""

from __future__ import annotations

from vedette.template.gofmt import show
from vedette.template.nodes import Pipe
from vedette.template.values import ABSENT


class PlainOutput:
    """Collects text as it comes; nothing is escaped."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.text = self.parts.append

    def value(self, value: object, pipe: Pipe) -> None:
        self.parts.append(printed(value))

    def finish(self) -> str:
        return "".join(self.parts)


def printed(value: object) -> str:
    """What ``{{ value }}`` writes."""
    if type(value) is str:
        return value
    if value is ABSENT or value is None:
        return "<no value>"
    return show(value)
