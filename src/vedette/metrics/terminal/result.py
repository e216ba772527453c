"""The `data` of a query's answer, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vedette.metrics.terminal.failures import AskFailed


@dataclass(frozen=True, slots=True)
class Sample:
    """One value, as the server wrote it. `histogram` stands in place of `value`."""

    seconds: float
    value: str = ""
    histogram: dict[str, Any] | None = None

    @property
    def number(self) -> float:
        """The value; of a histogram its count."""
        return float(self.value if self.histogram is None else self.histogram["count"])


@dataclass(frozen=True, slots=True)
class Series:
    labels: dict[str, str]
    samples: tuple[Sample, ...]  # in time order


@dataclass(frozen=True, slots=True)
class Result:
    """`kind` is ``vector``, ``matrix``, ``scalar`` or ``string``; the last two are one series without labels."""

    kind: str
    series: tuple[Series, ...]
    raw: Any  # as it came, for JSON


def read_result(data: Any) -> Result:
    """Raises `AskFailed` for what is no answer to a query."""
    try:
        kind, raw = data["resultType"], data["result"]
        if kind in ("scalar", "string"):
            return Result(kind, (Series({}, (Sample(raw[0], raw[1]),)),), raw)
        return Result(kind, tuple(Series(one["metric"], tuple(_samples(one))) for one in raw), raw)
    except (KeyError, TypeError, IndexError) as error:
        raise AskFailed(f"the server's answer is no result of a query: {error!r}") from None


def _samples(one: dict[str, Any]) -> Iterator[Sample]:
    if "value" in one:
        yield Sample(*one["value"])
    elif "histogram" in one:
        yield Sample(one["histogram"][0], histogram=one["histogram"][1])
    else:
        found = [Sample(*pair) for pair in one.get("values") or ()]
        found += [Sample(at, histogram=h) for at, h in one.get("histograms") or ()]
        yield from sorted(found, key=lambda sample: sample.seconds)
