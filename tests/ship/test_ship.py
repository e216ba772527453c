from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import yaml

from support.pushed import FakeLoki
from vedette.model.time import parse_rfc3339
from vedette.ship.service import ShipOptions, ShipRole
from vedette.web.role import Listen, WebServer


@pytest.fixture
async def loki() -> AsyncIterator[tuple[FakeLoki, str]]:
    fake = FakeLoki()
    async with WebServer(fake.app(), Listen(port=0)) as server:
        yield fake, f"http://{server.address}/loki/api/v1/push"


def role(
    tmp_path: Path, url: str, *, stages: object = (), path: str = "*.log", grace: float = 3.0
) -> ShipRole:
    config = {
        "global": {"file_watch_config": {"min_poll_frequency": "10ms"}},
        "server": {"http_listen_port": 0},
        "positions": {"filename": str(tmp_path / "positions.yaml"), "sync_period": "50ms"},
        "target_config": {"sync_period": "50ms"},
        "clients": [
            {"url": url, "batchwait": "20ms", "backoff_config": {"min_period": "20ms", "max_period": "50ms"}}
        ],
        "scrape_configs": [
            {
                "job_name": "app",
                "static_configs": [
                    {"targets": ["localhost"], "labels": {"job": "app", "__path__": str(tmp_path / path)}}
                ],
                "pipeline_stages": list(stages),  # type: ignore[call-overload]
            }
        ],
    }
    file = tmp_path / "promtail.yml"
    file.write_text(yaml.safe_dump(config))
    return ShipRole(ShipOptions(file, stop_grace_s=grace))


async def until(condition: object, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.01)


async def test_lines_arrive_with_labels_in_order(tmp_path: Path, loki: tuple[FakeLoki, str]) -> None:
    fake, url = loki
    log = tmp_path / "a.log"
    log.write_text("one\ntwo\nunfinished")
    async with role(tmp_path, url):
        await until(lambda: len(fake.lines) == 2)
        with log.open("a") as out:
            out.write(" line\nfour\n")
        await until(lambda: len(fake.lines) == 4)
    assert fake.lines == ["one", "two", "unfinished line", "four"]
    assert {labels for labels, _, _ in fake.entries} == {f'{{filename="{log}", job="app"}}'}
    assert fake.headers[0]["user-agent"].startswith("vedette-ship/")


async def test_a_restart_goes_on_where_it_stopped(tmp_path: Path, loki: tuple[FakeLoki, str]) -> None:
    fake, url = loki
    log = tmp_path / "a.log"
    log.write_text("one\n")
    async with role(tmp_path, url):
        await until(lambda: fake.lines == ["one"])
    assert yaml.safe_load((tmp_path / "positions.yaml").read_text())["positions"] == {str(log): "4"}
    with log.open("a") as out:
        out.write("two\n")
    async with role(tmp_path, url):
        await until(lambda: len(fake.lines) == 2)
    assert fake.lines == ["one", "two"]


async def test_positions_move_only_when_lines_have_arrived(
    tmp_path: Path, loki: tuple[FakeLoki, str]
) -> None:
    fake, url = loki
    fake.status = 503
    (tmp_path / "a.log").write_text("one\ntwo\n")
    async with role(tmp_path, url, grace=0.2):
        await until(lambda: fake.refused >= 2)
    fake.status = 204
    async with role(tmp_path, url):
        await until(lambda: len(fake.lines) == 2)
    assert fake.lines == ["one", "two"]


async def test_a_refused_batch_is_dropped_and_counted(tmp_path: Path, loki: tuple[FakeLoki, str]) -> None:
    fake, url = loki
    fake.status = 400
    log = tmp_path / "a.log"
    log.write_text("bad\n")
    shipper = role(tmp_path, url)
    async with shipper:
        await until(lambda: fake.refused == 1)
        fake.status = 204
        with log.open("a") as out:
            out.write("good\n")
        await until(lambda: fake.lines == ["good"])
    host = url.split("/")[2]
    dropped = {"host": host, "tenant": "", "reason": "ingester_error"}
    assert shipper.registry.get_sample_value("promtail_dropped_entries_total", dropped) == 1
    assert shipper.registry.get_sample_value("promtail_sent_entries_total", {"host": host}) == 1


async def test_rotation_by_rename_loses_and_repeats_nothing(
    tmp_path: Path, loki: tuple[FakeLoki, str]
) -> None:
    fake, url = loki
    log = tmp_path / "a.log"
    log.write_text("one\n")
    async with role(tmp_path, url, path="a.log*"):
        await until(lambda: fake.lines == ["one"])
        with log.open("a") as out:
            out.write("two\n")
            log.rename(tmp_path / "a.log.1")
            out.write("three, into the renamed file\n")
        log.write_text("four\n")
        await until(lambda: len(fake.lines) >= 4)
        await asyncio.sleep(0.3)
    assert sorted(fake.lines) == ["four", "one", "three, into the renamed file", "two"]


async def test_rotation_while_stopped(tmp_path: Path, loki: tuple[FakeLoki, str]) -> None:
    fake, url = loki
    log = tmp_path / "a.log"
    log.write_text("one\n")
    async with role(tmp_path, url):
        await until(lambda: fake.lines == ["one"])
    with log.open("a") as out:
        out.write("two\n")
    log.rename(tmp_path / "a.log.1")
    log.write_text("three, in a file that is longer than the old one was\n")
    async with role(tmp_path, url):
        await until(lambda: len(fake.lines) == 3)
        await asyncio.sleep(0.2)
    assert fake.lines[0] == "one"
    assert sorted(fake.lines[1:]) == ["three, in a file that is longer than the old one was", "two"]
    assert {labels for labels, _, _ in fake.entries} == {f'{{filename="{log}", job="app"}}'}


async def test_truncation_starts_again(tmp_path: Path, loki: tuple[FakeLoki, str]) -> None:
    fake, url = loki
    log = tmp_path / "a.log"
    log.write_text("one\ntwo\n")
    async with role(tmp_path, url):
        await until(lambda: len(fake.lines) == 2)
        os.truncate(log, 0)
        await asyncio.sleep(0.1)
        with log.open("a") as out:
            out.write("three\n")
        await until(lambda: len(fake.lines) == 3)
    assert fake.lines == ["one", "two", "three"]


async def test_dockers_own_files(tmp_path: Path, loki: tuple[FakeLoki, str]) -> None:
    fake, url = loki
    guide = yaml.safe_load((Path(__file__).parents[2] / "guide/logs/promtail-config.yml").read_text())
    stages = guide["scrape_configs"][0]["pipeline_stages"]
    record = {"log": "hello\n", "stream": "stderr", "time": "2026-01-02T03:04:05.123456789Z"}
    (tmp_path / "c-json.log").write_text(json.dumps(record) + "\nnot json\n")
    async with role(tmp_path, url, stages=stages):
        await until(lambda: len(fake.lines) == 2)
    (first, when, line), (second, _, plain) = sorted(fake.entries, key=lambda e: e[2])
    assert (line, when) == ("hello", parse_rfc3339("2026-01-02T03:04:05.123456789Z"))
    assert 'stream="stderr"' in first
    assert plain == "not json"
    assert "stream=" not in second


async def test_a_file_that_is_gone_leaves_the_metrics(tmp_path: Path, loki: tuple[FakeLoki, str]) -> None:
    fake, url = loki
    log = tmp_path / "a.log"
    log.write_text("one\n")
    ship = role(tmp_path, url)

    def sizes() -> list[str]:
        family = next(f for f in ship.registry.collect() if f.name == "promtail_file_bytes_total")
        return [sample.labels["path"] for sample in family.samples]

    async with ship:
        await until(lambda: fake.lines == ["one"] and sizes() == [str(log)])
        log.unlink()
        await until(lambda: not sizes())


async def test_the_pages(tmp_path: Path, loki: tuple[FakeLoki, str]) -> None:
    fake, url = loki
    shipper = role(tmp_path, url.replace("http://", "http://user:hunter2@"))
    async with shipper, WebServer(shipper.app, shipper.listen) as server, aiohttp.ClientSession() as session:
        base = f"http://{server.address}"
        async with session.get(f"{base}/ready") as answer:
            assert answer.status == 500
        (tmp_path / "a<b>.log").write_text("one\n")
        await until(lambda: fake.lines == ["one"])
        async with session.get(f"{base}/ready") as answer:
            assert (answer.status, await answer.text()) == (200, "Ready\n")
        async with session.get(f"{base}/targets") as answer:
            assert "a&lt;b&gt;.log" in await answer.text()
        async with session.get(f"{base}/targets", headers={"Accept": "application/json"}) as answer:
            data = await answer.json()
            assert data["targets"][0]["files"][0]["offset"] == 4
            assert "hunter2" not in json.dumps(data)
        async with session.get(f"{base}/config") as answer:
            assert "hunter2" not in await answer.text()
        async with session.get(f"{base}/metrics") as answer:
            assert "promtail_read_lines_total{" in await answer.text()


async def test_a_flood_waits_in_the_file_while_the_server_is_away(
    tmp_path: Path, loki: tuple[FakeLoki, str]
) -> None:
    fake, url = loki
    fake.status = 503
    lines = [f"line {i} {'x' * 200}" for i in range(20_000)]
    (tmp_path / "a.log").write_text("\n".join(lines) + "\n")
    async with role(tmp_path, url):
        await until(lambda: fake.refused >= 2)
        fake.status = 204
        await until(lambda: len(fake.lines) == len(lines), 60)
    assert fake.lines == lines
