"""Reading metrics pages in tests: families with type, help and samples, from the text format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?")
LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?')
UNESCAPE = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


@dataclass
class PageFamily:
    name: str
    kind: str = "untyped"
    help: str = ""
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = field(default_factory=dict)

    @property
    def labels(self) -> set[str]:
        return {key for _, labels in self.samples for key, _ in labels} - {"le", "quantile"}

    def value(self, **labels: str) -> float:
        """The one sample whose labels include `labels`."""
        wanted = set(labels.items())
        found = [value for (_, have), value in self.samples.items() if wanted <= set(have)]
        assert len(found) == 1, f"{self.name}{labels}: {len(found)} samples"
        return found[0]


def parse_page(text: str) -> dict[str, PageFamily]:
    """Families by name. Fails on a line that isn't of the format, a duplicate sample, a family in two places."""
    families: dict[str, PageFamily] = {}
    finished: set[str] = set()
    current = ""
    for line in text.split("\n"):
        if not line:
            continue
        if line.startswith("# "):
            _, what, name, rest = (line + " ").split(" ", 3)
            family = families.setdefault(name, PageFamily(name))
            if what == "HELP":
                family.help = rest.strip()
            else:
                assert what == "TYPE", line
                family.kind = rest.strip()
        else:
            match = SAMPLE.fullmatch(line)
            assert match, f"no sample: {line!r}"
            sample, inside, value = match.groups()
            name = sample
            for suffix in ("_bucket", "_sum", "_count"):
                base = sample.removesuffix(suffix)
                if base != sample and base in families and families[base].kind in ("histogram", "summary"):
                    name = base
            labels = [
                (key, re.sub(r'\\[\\"n]', lambda found: UNESCAPE[found[0]], raw))
                for key, raw in LABEL.findall(inside or "")
            ]
            assert "".join(f'{k}="{v}",' for k, v in LABEL.findall(inside or "")).rstrip(",") == (
                inside or ""
            ).rstrip(","), line
            key = (sample, tuple(sorted(labels)))
            family = families.setdefault(name, PageFamily(name))
            assert key not in family.samples, f"twice on the page: {line}"
            family.samples[key] = float(value)
        if name != current:
            assert name not in finished, f"{name} stands in two places"
            finished.add(current)
            current = name
    return families


@dataclass(frozen=True)
class KnownMetric:
    """A row of ``reference/exporters/*-current-names.txt``."""

    name: str
    kind: str
    labels: frozenset[str]
    origin: str


def known_metrics(text: str) -> dict[str, KnownMetric]:
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {
        row[0]: KnownMetric(row[0], row[1], frozenset(filter(None, row[2].split(","))), row[3])
        for row in rows
        if len(row) >= 4
    }
