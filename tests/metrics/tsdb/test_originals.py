"""The same directory, opened by Debian's Prometheus and by us, in both directions."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.request
from pathlib import Path

import cramjam
import numpy as np
import pytest

from metrics.tsdb.originals import Prometheus, everything, program, prometheus
from metrics.tsdb.views import Samples, contents, write
from support.prompb import write_request
from vedette.metrics.contract import StorageError
from vedette.metrics.tsdb.database import Database
from vedette.model.labels import Labels, Matcher
from vedette.model.time import HOUR, MINUTE

pytestmark = [pytest.mark.differential, pytest.mark.slow]

# Three and a half blocks before now, aligned: some blocks, and a head with something in it.
START = (int(time.time() * 1000) // (2 * HOUR) - 5) * 2 * HOUR
SERIES = [Labels({"__name__": f"m{i % 4}", "i": str(i), "path": "/ü" * (i % 3)}) for i in range(40)]


def make_values(count: int, seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = np.cumsum(random.random((len(SERIES), count)), axis=1)
    values[::5] = np.round(values[::5])
    values[3] = 0.0
    values[4, ::3] *= -1e300
    return values


def fill(path: Path, hours: float, *, upkeep: bool = True) -> Samples:
    times = [START + k * MINUTE for k in range(int(hours * 60))]
    values = make_values(len(times))
    with Database.open(path) as database:
        for low in range(0, len(times), 120):
            assert not write(database, SERIES, times[low : low + 120], values[:, low : low + 120]).any()
            if upkeep:
                database.maintain(0)
        return contents(database)


def remote_write(server: Prometheus, series: list[Labels], times: list[int], values: np.ndarray) -> None:
    body = write_request(
        (labels.pairs, list(zip(times, values[i].tolist(), strict=True))) for i, labels in enumerate(series)
    )
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/api/v1/write",
        data=bytes(cramjam.snappy.compress_raw(body)),
        headers={
            "Content-Encoding": "snappy",
            "Content-Type": "application/x-protobuf",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 204


def test_prometheus_answers_from_our_directory_and_gives_it_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    want = fill(data, 9)
    with Database.open(data) as database:
        assert len(database.blocks()) >= 2
        assert contents(database) == want
    with prometheus(data, tmp_path) as server:
        assert everything(server, (START + 12 * HOUR) / 1000, "13h") == want
        log = (tmp_path / "prometheus.log").read_text()
        assert "level=error" not in log and "level=warn" not in log.replace("Received SIGTERM", "")
        server.stop()
    with Database.open(data) as database:
        assert contents(database) == want


def test_promtool_reads_our_blocks(tmp_path: Path) -> None:
    data = tmp_path / "data"
    want = fill(data, 9)
    tool = program("promtool")
    with Database.open(data) as database:
        blocks = [block.meta for block in database.blocks()]
    listed = subprocess.run([tool, "tsdb", "list", data], capture_output=True, text=True, check=True).stdout
    for meta in blocks:
        assert re.search(rf"{meta.ulid} .* {meta.samples} +{meta.chunks} +{meta.series} ", listed)
        analysis = subprocess.run(
            [tool, "tsdb", "analyze", data, meta.ulid], capture_output=True, text=True, check=True
        ).stdout
        assert f"Series: {meta.series}\n" in analysis
        assert "Label names: 3\n" in analysis
    dump = subprocess.run([tool, "tsdb", "dump", data], capture_output=True, text=True, check=True).stdout
    got: Samples = {}
    for labels, value, at in re.findall(r"^\{(.*)\} (\S+) (\d+)$", dump, re.M):
        key = ",".join(f"{n}={v}" for n, v in re.findall(r'(\w+)="([^"]*)"', labels))
        got.setdefault(key, []).append((int(at), float(value)))
    assert got == want


@pytest.mark.parametrize("stop", ["clean", "killed"])
def test_we_take_over_what_prometheus_wrote(tmp_path: Path, stop: str) -> None:
    data = tmp_path / "data"
    times = [START + k * 15_000 for k in range(9 * 240)]
    values = make_values(len(times), seed=2)
    with prometheus(data, tmp_path, "scrape_configs: []\n", "--web.enable-remote-write-receiver") as server:
        for low in range(0, len(times), 240):
            remote_write(server, SERIES, times[low : low + 240], values[:, low : low + 240])
            if low == 4 * 240:
                # Time to compact its head: blocks, m-mapped chunks and a checkpoint come to be.
                deadline = time.monotonic() + 20
                while not list(data.glob("*/meta.json")) and time.monotonic() < deadline:
                    time.sleep(0.1)
        want = everything(server, (START + 12 * HOUR) / 1000, "13h")
        assert sum(map(len, want.values())) == values.size
        if stop == "clean":
            server.stop()
        else:
            server.kill()
    assert list(data.glob("chunks_head/*")) and list(data.glob("*/meta.json"))
    with Database.open(data) as database:
        assert contents(database) == want
        assert database.events.corruptions == 0
        # We go on with it: more samples, blocks of our own.
        more = [times[-1] + k * 15_000 for k in range(1, 4 * 240)]
        assert not write(database, SERIES, more, make_values(len(more), seed=3)).any()
        grown = contents(database)
        database.maintain(0)
        assert contents(database) == grown
    with prometheus(data, tmp_path) as server:
        assert everything(server, (START + 16 * HOUR) / 1000, "17h") == grown


def test_deletions_are_understood_in_both_directions(tmp_path: Path) -> None:
    data = tmp_path / "data"
    fill(data, 9)
    with Database.open(data) as database:
        assert database.delete_series([Matcher("i", "=~", "1.")], START + HOUR, START + 2 * HOUR)
        assert database.delete_series([Matcher("i", "=", "7")], START, START + 20 * HOUR)
        want = {labels: samples for labels, samples in contents(database).items() if samples}
    with prometheus(data, tmp_path) as server:
        assert everything(server, (START + 12 * HOUR) / 1000, "13h") == want
        server.post("admin/tsdb/delete_series", **{"match[]": 'm1{i="5"}'})
        server.post(
            "admin/tsdb/delete_series",
            **{"match[]": '{i="6"}', "start": START / 1000, "end": START / 1000 + 8.5 * 3600},
        )
        less = everything(server, (START + 12 * HOUR) / 1000, "13h")
        assert less != want
        server.stop()
    with Database.open(data) as database:
        assert {labels: samples for labels, samples in contents(database).items() if samples} == less
        database.clean_tombstones()
        assert {labels: samples for labels, samples in contents(database).items() if samples} == less
        assert not any(block.tombstones for block in database.blocks())


def test_late_samples_of_prometheus_are_not_lost(tmp_path: Path) -> None:
    data = tmp_path / "data"
    config = "scrape_configs: []\nstorage:\n  tsdb:\n    out_of_order_time_window: 6h\n"
    times = [START + k * 15_000 for k in range(480)]
    values = make_values(len(times), seed=4)
    late = [START - 2 * HOUR + k * 15_000 + 7 for k in range(400)]
    with prometheus(data, tmp_path, config, "--web.enable-remote-write-receiver") as server:
        remote_write(server, SERIES, times, values)
        remote_write(server, SERIES[:7], late, make_values(len(late), seed=5))
        # Into the middle of what is there already.
        remote_write(server, SERIES[3:5], [t + 1 for t in times[100:220]], make_values(120, seed=6))
        want = everything(server, (START + 12 * HOUR) / 1000, "20h")
        assert sum(map(len, want.values())) == values.size + 7 * 400 + 2 * 120
        server.kill()
    assert list(data.glob("wbl/*"))
    with Database.open(data) as database:
        assert contents(database) == want
        assert not list(data.glob("wbl")) and not list(data.glob("chunks_head/*"))
    with Database.open(data) as database:
        assert contents(database) == want
        assert not write(database, SERIES, [START + 4 * HOUR], make_values(1)).any()
        grown = contents(database)
        for _ in range(3):
            database.maintain(0)
        assert contents(database) == grown
    with prometheus(data, tmp_path, config) as server:
        assert everything(server, (START + 12 * HOUR) / 1000, "20h") == grown


def test_what_only_the_mapped_chunks_hold_is_rescued(tmp_path: Path) -> None:
    data = tmp_path / "data"
    times = [START + k * 15_000 for k in range(480)]
    values = make_values(len(times), seed=7)
    with prometheus(data, tmp_path, "scrape_configs: []\n", "--web.enable-remote-write-receiver") as server:
        for low in range(0, 480, 60):
            remote_write(server, SERIES, times[low : low + 60], values[:, low : low + 60])
        want = everything(server, (START + 12 * HOUR) / 1000, "13h")
        server.stop()
    # The log loses its end: the last remote write, and a good part of the others before it.
    segment = max(path for path in (data / "wal").glob("0*") if path.stat().st_size)
    content = segment.read_bytes()
    segment.write_bytes(content[: len(content) // 3])
    with Database.open(data) as database:
        got = contents(database)
        assert database.events.corruptions <= 1
    mapped = 0
    for labels, samples in want.items():
        assert got[labels] == samples[: len(got[labels])]
        mapped = max(mapped, len(got[labels]))
    assert mapped >= 240


def test_each_keeps_the_other_out_of_a_directory_in_use(tmp_path: Path) -> None:
    data = tmp_path / "data"
    # Debian's build does not lock unless told to.
    locking = ("scrape_configs: []\n", "--storage.tsdb.use-lockfile")
    with (
        Database.open(data),
        pytest.raises(AssertionError, match="lock"),
        prometheus(data, tmp_path, *locking),
    ):
        pass
    with prometheus(data, tmp_path, *locking), pytest.raises(StorageError, match="in use"):
        Database.open(data)
