"""Discovery: what files say, when it changes, and what a bad file does."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from vedette.config.document import parse_document
from vedette.metrics.config import config_of
from vedette.metrics.config.sd import Discovery
from vedette.metrics.discovery import DiscoveryManager, DiscoveryMetrics, Group
from vedette.metrics.discovery.file import FileError, read_groups


def jobs(folder: Path, text: str) -> dict[str, Discovery]:
    config = config_of(parse_document(text, path=str(folder / "p.yml"), env={}), {})
    return {job.job_name: job for job in config.jobs}


class Seen:
    """What the manager told last."""

    def __init__(self) -> None:
        self.updates = 0
        self.groups: Mapping[str, Sequence[Group]] = {}
        self.registry = CollectorRegistry()
        self.manager: DiscoveryManager

    def __call__(self, groups: Mapping[str, Sequence[Group]]) -> None:
        self.updates += 1
        self.groups = groups

    def addresses(self, job: str = "j") -> list[str]:
        return sorted(t["__address__"] for group in self.groups.get(job, ()) for t in group.targets)

    async def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < end, self.groups
            await asyncio.sleep(0.02)

    def value(self, metric: str, /, **labels: str) -> float | None:
        return self.registry.get_sample_value(metric, labels)


@asynccontextmanager
async def discovering(throttle_s: float = 0.05) -> AsyncIterator[Seen]:
    seen = Seen()
    seen.manager = DiscoveryManager("scrape", seen, DiscoveryMetrics(seen.registry), throttle_s=throttle_s)
    try:
        yield seen
    finally:
        await seen.manager.stop()


STATIC = "scrape_configs:\n- job_name: j\n  static_configs:\n  - {targets: ['a:1', 'b:2'], labels: {x: y}}\n"


async def test_static_targets_are_known_at_once(tmp_path: Path) -> None:
    async with discovering() as seen:
        await seen.manager.apply(jobs(tmp_path, STATIC))
        assert seen.addresses() == ["a:1", "b:2"]
        assert seen.groups["j"][0].labels == {"x": "y"}
        assert seen.value("prometheus_sd_discovered_targets", name="scrape", config="j") == 2
        await seen.manager.apply({})
        assert seen.groups == {}
        assert seen.value("prometheus_sd_discovered_targets", name="scrape", config="j") is None


async def test_files_are_followed(tmp_path: Path) -> None:
    text = "scrape_configs:\n- job_name: j\n  file_sd_configs: [{files: ['sd/*.yml', 'one.json'], refresh_interval: 1h}]\n"
    folder = tmp_path / "sd"
    folder.mkdir()
    (folder / "a.yml").write_text("- targets: ['a:1']\n  labels: {x: 1}\n- targets: ['a:2']\n")
    one = tmp_path / "one.json"
    one.write_text(json.dumps([{"targets": ["c:1"], "labels": {"y": "2"}}]))
    async with discovering() as seen:
        await seen.manager.apply(jobs(tmp_path, text))
        await seen.until(lambda: seen.addresses() == ["a:1", "a:2", "c:1"])
        labels = {group.targets[0]["__address__"]: group.labels for group in seen.groups["j"]}
        assert labels["a:1"] == {"x": "1", "__meta_filepath": str(folder / "a.yml")}
        assert seen.value("prometheus_sd_file_mtime_seconds", filename=str(one))
        await asyncio.sleep(0.3)  # until the watch is there
        # A new file, and one group less in the old one.
        (folder / "b.yml").write_text("- targets: ['b:1']\n")
        (folder / "a.yml").write_text("- targets: ['a:3']\n")
        await seen.until(lambda: seen.addresses() == ["a:3", "b:1", "c:1"])
        # A bad file keeps what it said last; a good one after it counts.
        one.write_text("[{")
        await seen.until(lambda: (seen.value("prometheus_sd_file_read_errors_total") or 0) >= 1)
        assert seen.addresses() == ["a:3", "b:1", "c:1"]
        one.write_text("[]")
        (folder / "b.yml").unlink()
        await seen.until(lambda: seen.addresses() == ["a:3"])


async def test_a_reload_keeps_what_stays(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- targets: ['f:1']\n")
    text = STATIC + "  file_sd_configs: [{files: [a.yml]}]\n"
    async with discovering() as seen:
        await seen.manager.apply(jobs(tmp_path, text))
        await seen.until(lambda: seen.addresses() == ["a:1", "b:2", "f:1"])
        await seen.manager.apply(jobs(tmp_path, text.replace("b:2", "c:3")))
        # At once: the file's targets were never away.
        assert seen.addresses() == ["a:1", "c:3", "f:1"]


async def test_updates_are_throttled(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('[{"targets": ["a:0"]}]')
    text = "scrape_configs:\n- job_name: j\n  file_sd_configs: [{files: [a.json], refresh_interval: 20ms}]\n"
    async with discovering(throttle_s=0.4) as seen:
        await seen.manager.apply(jobs(tmp_path, text))
        await seen.until(lambda: seen.addresses() == ["a:0"])
        start, begun = seen.updates, time.monotonic()
        for number in range(1, 11):
            file.write_text(f'[{{"targets": ["a:{number}"]}}]')
            await asyncio.sleep(0.05)
        await seen.until(lambda: seen.addresses() == ["a:10"])
        assert seen.updates - start <= 2 + (time.monotonic() - begun) / 0.4


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.json", "{", "unexpected end"),
        ("a.json", '[{"targets": "a:1"}]', "0.targets: "),
        ("a.json", '[{"target": ["a:1"]}]', "0.target: "),
        ("a.yml", "- targets: [a:1\n", "not valid YAML"),
        ("a.yml", "targets: ['a:1']\n", "valid tuple"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FileError, match=message):
        read_groups(str(tmp_path / name))


def test_an_empty_file_has_no_groups(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("")
    assert read_groups(str(tmp_path / "a.yml")) == []
