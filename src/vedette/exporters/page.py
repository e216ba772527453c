"""A metrics page in the making: text format 0.0.4, written line by line, no object per metric.

LOAD1 = Family("node_load1", "gauge", "1m load average.")
CPU = Family("node_cpu_seconds_total", "counter", "Seconds the CPUs spent in each mode.", ("cpu", "mode"))

page = Page()
page.add(LOAD1, 0.42)
page.add(CPU, 17.5, "0", "idle")
page.render()  # bytes; families sorted by name, samples in the order in which they came
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_LABEL_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_HELP_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n"})


class Family:
    """Name, type, help text and label names of a metric. Made once, when its module is imported."""

    __slots__ = ("head", "kind", "labels", "name", "template")

    def __init__(self, name: str, kind: str, help: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self.kind = kind
        self.labels = tuple(labels)
        self.head = f"# HELP {name} {help.translate(_HELP_ESCAPES)}\n# TYPE {name} {kind}\n"
        inside = ",".join(f'{label}="%s"' for label in self.labels)
        self.template = f"{name}{{{inside}}} %s\n" if labels else f"{name} %s\n"


class Page:
    """Samples grouped by family. One page belongs to one scrape and one thread at a time."""

    __slots__ = ("_families",)

    def __init__(self) -> None:
        self._families: dict[str, list[str]] = {}

    def add(self, family: Family, value: float, *labels: str) -> None:
        """One sample. `labels` are the values of ``family.labels``, in that order."""
        lines = self._families.get(family.name)
        if lines is None:
            lines = self._families[family.name] = [family.head]
        if labels:
            lines.append(family.template % (*map(escape, labels), number(value)))
        else:
            lines.append(family.template % number(value))

    def add_text(self, name: str, head: str, lines: Iterable[str]) -> None:
        """Ready lines of one family, each ending in a newline; `head` counts if the family is new."""
        self._families.setdefault(name, [head]).extend(lines)

    def histogram(
        self,
        family: Family,
        bounds: Sequence[float],
        cumulative: Sequence[int],
        count: int,
        total: float,
        *labels: str,
    ) -> None:
        """One histogram: `cumulative` counts observations at or below each of `bounds`; +Inf is added."""
        lines = self._families.setdefault(family.name, [family.head])
        name = family.name
        fixed = "".join(f'{key}="{escape(value)}",' for key, value in zip(family.labels, labels, strict=True))
        for bound, below in zip(bounds, cumulative, strict=True):
            lines.append(f'{name}_bucket{{{fixed}le="{number(bound)}"}} {below}\n')
        lines.append(f'{name}_bucket{{{fixed}le="+Inf"}} {count}\n')
        suffix = f"{{{fixed[:-1]}}}" if fixed else ""
        lines.append(f"{name}_sum{suffix} {number(total)}\n{name}_count{suffix} {count}\n")

    def summary(
        self, family: Family, quantiles: Mapping[str, float], count: int, total: float, *labels: str
    ) -> None:
        """One summary: `quantiles` by the text of the quantile."""
        lines = self._families.setdefault(family.name, [family.head])
        name = family.name
        fixed = ",".join(f'{key}="{escape(value)}"' for key, value in zip(family.labels, labels, strict=True))
        for quantile, value in quantiles.items():
            lines.append(f'{name}{{{fixed}{"," if fixed else ""}quantile="{quantile}"}} {number(value)}\n')
        suffix = f"{{{fixed}}}" if fixed else ""
        lines.append(f"{name}_sum{suffix} {number(total)}\n{name}_count{suffix} {count}\n")

    def __contains__(self, name: str) -> bool:
        return name in self._families

    def render(self) -> bytes:
        families = self._families
        return "".join([line for name in sorted(families) for line in families[name]]).encode(
            "utf-8", "replace"
        )


def escape(value: str) -> str:
    """A label value as it stands between its quotes."""
    if "\\" in value or '"' in value or "\n" in value:
        return value.translate(_LABEL_ESCAPES)
    return value


def number(value: float) -> str:
    """A sample value. Whole numbers are written without a point: shorter, and the same to every reader."""
    if type(value) is int:
        return str(value)
    if math.isfinite(value):
        return repr(float(value)).removesuffix(".0")
    if math.isnan(value):
        return "NaN"
    return "+Inf" if value > 0 else "-Inf"
