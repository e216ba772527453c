"""What the API and the pages show of scraping: values of one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from vedette.metrics.scrape.loop import Health, ScrapeLoop
from vedette.metrics.scrape.target import global_url
from vedette.model.labels import Labels
from vedette.model.time import format_duration, format_rfc3339


@dataclass(frozen=True, slots=True)
class ActiveTarget:
    discovered_labels: Labels
    labels: Labels
    scrape_pool: str
    scrape_url: str
    global_url: str
    last_error: str
    last_scrape: int  # milliseconds since the epoch, 0 never
    last_scrape_duration: float  # seconds
    health: Health
    scrape_interval: int  # milliseconds
    scrape_timeout: int  # milliseconds

    def to_json(self) -> dict[str, object]:
        """As ``/api/v1/targets`` has it."""
        last = format_rfc3339(self.last_scrape * 10**6) if self.last_scrape else "0001-01-01T00:00:00Z"
        return {
            "discoveredLabels": self.discovered_labels.to_dict(),
            "labels": self.labels.to_dict(),
            "scrapePool": self.scrape_pool,
            "scrapeUrl": self.scrape_url,
            "globalUrl": self.global_url,
            "lastError": self.last_error,
            "lastScrape": last,
            "lastScrapeDuration": self.last_scrape_duration,
            "health": self.health,
            "scrapeInterval": format_duration(self.scrape_interval),
            "scrapeTimeout": format_duration(self.scrape_timeout),
        }


@dataclass(frozen=True, slots=True)
class DroppedTarget:
    discovered_labels: Labels
    scrape_pool: str

    def to_json(self) -> dict[str, object]:
        return {"discoveredLabels": self.discovered_labels.to_dict(), "scrapePool": self.scrape_pool}


@dataclass(frozen=True, slots=True)
class Targets:
    active: tuple[ActiveTarget, ...]
    dropped: tuple[DroppedTarget, ...]
    dropped_counts: Mapping[str, int]  # by pool; more than `dropped` holds when keep_dropped_targets says so


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a target says about one metric family."""

    metric: str
    type: str
    help: str
    unit: str


def active_target(loop: ScrapeLoop, listen_address: str, external_url: str) -> ActiveTarget:
    target, state = loop.target, loop.state
    return ActiveTarget(
        target.discovered,
        target.labels,
        target.job,
        target.url,
        global_url(target.url, listen_address, external_url),
        state.last_error,
        state.last_scrape,
        state.last_duration,
        state.health,
        target.interval,
        target.timeout,
    )


def metadata_of(lines: Iterable[bytes]) -> Iterator[Metadata]:
    """Metadata lines put together by family, in order of first appearance; a later line of a kind wins."""
    families: dict[str, dict[str, str]] = {}
    for line in lines:
        word, name, text = _split(line)
        families.setdefault(name, {})[word] = text
    for name, known in families.items():
        kind = known.get("TYPE", "unknown")
        yield Metadata(
            name, "unknown" if kind == "untyped" else kind, known.get("HELP", ""), known.get("UNIT", "")
        )


def _split(line: bytes) -> tuple[str, str, str]:
    text = line.decode("utf-8", "replace").rstrip("\n").removeprefix("#").lstrip(" \t")
    word, rest = text[:4], text[5:].lstrip(" \t")
    if rest.startswith('"'):
        at = 1
        while at < len(rest) and rest[at] != '"':
            at += 2 if rest[at] == "\\" else 1
        return word, _unescape(rest[1:at]), _unescape(rest[at + 2 :])
    at = 0
    while at < len(rest) and (rest[at].isalnum() or rest[at] in "_:"):
        at += 1
    return word, rest[:at], _unescape(rest[at + 1 :])


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    out, at = [], 0
    while at < len(text):
        two = text[at : at + 2]
        if two in ("\\\\", "\\n", '\\"'):
            out.append({"\\\\": "\\", "\\n": "\n", '\\"': '"'}[two])
            at += 2
        else:
            out.append(text[at])
            at += 1
    return "".join(out)
