"""Metrics that other programs leave as ``*.prom`` files in ``--collector.textfile.directory``.

A file with a fault is left out whole, and ``node_textfile_scrape_error`` is 1. Families of the same name in several
files are put together under the first file's help text.
"""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass, field

from vedette.config.log import get_logger
from vedette.exporters.collector import Collect
from vedette.exporters.node.host import Host
from vedette.exporters.page import Family, Page

ERROR = Family(
    "node_textfile_scrape_error", "gauge", "1 if there was an error opening or reading a file, 0 otherwise"
)
MTIME = Family(
    "node_textfile_mtime_seconds", "gauge", "Unixtime mtime of textfiles successfully read.", ("file",)
)

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*\s*=\s*"(?:[^"\\\n]|\\.)*"'
SAMPLE = re.compile(
    rf"({NAME})\s*(\{{\s*(?:{LABEL}\s*(?:,\s*{LABEL}\s*)*,?\s*)?\}})?\s*(?<=[\s}}])(\S+)(?:\s+(\S+))?\s*"
)
META = re.compile(rf"#\s+(HELP|TYPE)\s+({NAME})(?:[ \t]+(.*))?")
KINDS = ("counter", "gauge", "histogram", "summary", "untyped")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}

log = get_logger("exporters.node.textfile")


class TextfileError(ValueError):
    """A file that is no exposition text, or has timestamps, which would go stale unseen."""


@dataclass
class TextFamily:
    name: str
    kind: str = "untyped"
    help: str = ""
    lines: list[str] = field(default_factory=list)


def collector(host: Host) -> Collect:
    def collect(page: Page) -> None:
        failed = False
        for path in read(host.textfile_directories):
            try:
                with open(path, encoding="utf-8") as file:
                    modified, text = os.fstat(file.fileno()).st_mtime, file.read()
                families = parse(text)
                clash = next((name for name in families if name in page and name.startswith("node_")), None)
                if clash:
                    raise TextfileError(f"{clash} is a metric of the exporter itself")
            except (OSError, ValueError) as error:
                failed = True
                log.warning("textfile left out", file=path, error=str(error))
                continue
            describe(page, families, path)
            page.add(MTIME, modified, path)
        page.add(ERROR, int(failed))

    return collect


def read(directories: tuple[str, ...]) -> list[str]:
    """Paths of the ``*.prom`` files; a directory may be a glob pattern."""
    return sorted({path for pattern in directories for path in glob.glob(os.path.join(pattern, "*.prom"))})


def parse(text: str) -> dict[str, TextFamily]:
    """Families by name. Raises `TextfileError` at the first line that is wrong."""
    families: dict[str, TextFamily] = {}
    for position, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if not line:
            continue
        if line.startswith("#"):
            _parse_comment(families, line, position)
            continue
        sample = SAMPLE.fullmatch(line)
        if sample is None:
            raise TextfileError(f"line {position} is no sample: {line!r}")
        name, labels, value, timestamp = sample.groups()
        if timestamp is not None:
            raise TextfileError(f"line {position} has a timestamp, which textfiles may not")
        if not _is_float(value):
            raise TextfileError(f"line {position}: {value!r} is no number")
        _family_of(families, name).lines.append(f"{name}{labels or ''} {value}\n")
    return families


def _parse_comment(families: dict[str, TextFamily], line: str, position: int) -> None:
    meta = META.fullmatch(line)
    if meta is None:
        return
    what, name, rest = meta.groups()
    family = families.setdefault(name, TextFamily(name))
    if what == "HELP":
        family.help = rest or ""
    elif rest in KINDS:
        family.kind = rest
    else:
        raise TextfileError(f"line {position}: {rest!r} is no metric type")


def _family_of(families: dict[str, TextFamily], sample_name: str) -> TextFamily:
    for suffix in ("_bucket", "_sum", "_count"):
        parent = families.get(sample_name.removesuffix(suffix)) if sample_name.endswith(suffix) else None
        if parent is not None and suffix in SUFFIXES.get(parent.kind, ()):
            return parent
    return families.setdefault(sample_name, TextFamily(sample_name))


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def describe(page: Page, families: dict[str, TextFamily], path: str) -> None:
    for family in families.values():
        if family.lines:
            help = family.help or f"Metric read from {path}"
            page.add_text(
                family.name,
                f"# HELP {family.name} {help}\n# TYPE {family.name} {family.kind}\n",
                family.lines,
            )
