"""The store: what was acknowledged survives anything, and is given once, in order."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from support.loki import SECOND, T0
from vedette.logs.batch import Batch, merge
from vedette.logs.store.retention import RetentionPolicy, StreamRetention, sweep
from vedette.logs.store.store import LogStore, Pushed, StoreOptions
from vedette.model.labels import Labels, Matcher

DAY = 86400 * SECOND


def options(path: Path, **changes: float) -> StoreOptions:
    return StoreOptions(path / "blocks", path / "wal", **changes)  # type: ignore[arg-type]


def opened(path: Path, **changes: float) -> LogStore:
    store = LogStore(options(path, **changes))
    store.open()
    return store


def pushed(name: str, *entries: tuple[int, str]) -> Pushed:
    return Pushed(Labels.of(app=name), Batch.of([(T0 + when, line.encode(), ()) for when, line in entries]))


def content(store: LogStore, start: int = 0, end: int = 1 << 62) -> dict[str, list[tuple[int, bytes]]]:
    out = {}
    for item in store.select([Matcher("app", "=~", ".+")], start, end):
        parts = [ref.load() for ref in item.blocks] + ([item.head] if item.head is not None else [])
        whole = merge(parts).within(start, end)
        out[item.stream.labels["app"]] = [(when - T0, line) for when, line, _ in whole.entries()]
    return out


def test_heads_and_blocks_read_alike(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.append([pushed("a", (1, "one"), (2, "two")), pushed("b", (1, "uno"))])
    before = content(store)
    assert before == {"a": [(1, b"one"), (2, b"two")], "b": [(1, b"uno")]}
    assert store.seal_all() == 2
    assert content(store) == before
    store.append([pushed("a", (3, "three"), (2, "two"))])
    assert content(store)["a"] == [(1, b"one"), (2, b"two"), (3, b"three")]
    store.close()


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.append([pushed("a", (1, "sealed"))])
    store.seal_all()
    store.append([pushed("a", (2, "in the log")), pushed("b", (3, ""))])
    want = content(store)
    store.close()
    again = opened(tmp_path)
    assert content(again) == want
    assert again.seal_all() == 2
    again.close()
    third = opened(tmp_path)
    assert content(third) == want
    assert third.figures()["head_streams"] == 0
    third.close()


def test_the_log_cut_at_any_byte_gives_a_prefix(tmp_path: Path) -> None:
    store = opened(tmp_path / "whole")
    lines = [(i, f"line {i} {'x' * (i % 7)}") for i in range(12)]
    for when, line in lines:
        store.append([pushed("a", (when, line)), pushed("b", (when, line))])
    store.close()
    wal = next(path for path in sorted((tmp_path / "whole/wal").iterdir()) if path.stat().st_size)
    data = wal.read_bytes()
    for cut in range(0, len(data) + 1, 13):
        copy = tmp_path / f"cut{cut}"
        (copy / "wal").mkdir(parents=True)
        (copy / "wal" / wal.name).write_bytes(data[:cut])
        torn = opened(copy)
        found = content(torn)
        for name in found:
            assert found[name] == [(when, line.encode()) for when, line in lines[: len(found[name])]]
        # What comes after a torn end is kept as well.
        torn.append([pushed("a", (100, "after"))])
        torn.close()
        again = opened(copy)
        assert content(again)["a"] == [*found.get("a", []), (100, b"after")]
        again.close()


def test_flipped_bits_never_raise_and_never_invent_lines(tmp_path: Path) -> None:
    store = opened(tmp_path / "whole")
    store.append([pushed("a", *((i, f"line {i}") for i in range(50)))])
    store.seal_all()
    store.append([pushed("a", *((i, f"line {i}") for i in range(50, 60)))])
    store.close()
    files = [path for path in (tmp_path / "whole").rglob("*") if path.is_file() and path.stat().st_size]
    chance = random.Random(5)
    for round_ in range(40):
        copy = tmp_path / f"r{round_}"
        subprocess.run(["cp", "-r", str(tmp_path / "whole"), str(copy)], check=True)
        victim = copy / chance.choice(files).relative_to(tmp_path / "whole")
        data = bytearray(victim.read_bytes())
        data[chance.randrange(8, len(data))] ^= 1 << chance.randrange(8)
        victim.write_bytes(data)
        damaged = opened(copy)
        for item in damaged.select([Matcher("app", "=", "a")], 0, 1 << 62):
            for ref in item.blocks:
                try:
                    batch = ref.load()
                except Exception as error:
                    assert type(error).__name__ == "DamagedBlock"
                    continue
                assert all(line == b"line %d" % (when - T0) for when, line, _ in batch.entries())
        damaged.close()


def test_large_heads_are_sealed_by_day_and_size(tmp_path: Path) -> None:
    store = opened(tmp_path, head_bytes=1 << 30, max_age_s=1e6)
    entries = [(day * DAY + i, f"{day} {i} " + "y" * 1000) for day in range(3) for i in range(800)]
    store.append([pushed("a", *entries)])
    store.seal_all()
    refs = [ref for _, ref in store.all_blocks()]
    assert len(refs) > 3 and all(ref.raw_bytes < 900_000 for ref in refs)
    assert len({ref.period.path.name for ref in refs}) == 3
    assert content(store)["a"] == [(when, line.encode()) for when, line in entries]
    store.close()


def test_retention_by_stream(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.append([pushed("short", (0, "s")), pushed("long", (0, "l"))])
    store.seal_all()
    rule = StreamRetention((Matcher("app", "=", "long"),), 30 * DAY)
    policy = RetentionPolicy(True, 2 * DAY, (rule,))
    assert sweep(store, policy, T0 + DAY) == 0
    assert sweep(store, RetentionPolicy(False, DAY), T0 + 3 * DAY) == 0
    assert sweep(store, policy, T0 + 3 * DAY) == 1
    assert content(store) == {"long": [(0, b"l")]}
    assert sweep(store, policy, T0 + 31 * DAY) == 1
    assert list((tmp_path / "blocks").iterdir()) == []
    store.close()
    again = opened(tmp_path)
    assert content(again) == {} and again.stream_count == 0
    again.close()


def test_lines_too_far_behind_are_named(tmp_path: Path) -> None:
    store = opened(tmp_path, max_age_s=7200)
    hour = 3600 * SECOND
    refused = store.append(
        [pushed("a", (5 * hour, "new"), (4 * hour, "edge"), (4 * hour - 1, "late"), (5 * hour, "n"))]
    )
    assert [item.rows.tolist() for item in refused] == [[2]]
    assert refused[0].oldest_acceptable == T0 + 4 * hour
    assert [line for _, line in content(store)["a"]] == [b"edge", b"new", b"n"]
    store.close()


WRITER = """
    import sys
    from pathlib import Path
    sys.path[:0] = {path!r}
    from test_store import opened, pushed
    from vedette.logs.store import store as module
    store = opened(Path({directory!r}), head_bytes=20_000)
    i = 0
    while True:
        store.append([pushed("a", *((i * 100 + k, f"line {{i}} {{k}}") for k in range(20)))])
        print(i, flush=True)
        i += 1
"""


@pytest.mark.slow
@pytest.mark.parametrize("acknowledged", [3, 60, 150])
def test_killed_while_writing_and_sealing(tmp_path: Path, acknowledged: int) -> None:
    script = textwrap.dedent(WRITER).format(
        path=[str(Path(__file__).parent), *sys.path], directory=str(tmp_path)
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    last = -1
    while last < acknowledged:
        last = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    rest = [int(line) for line in process.stdout.read().split() if line.isdigit()]
    process.wait()
    last = max([last, *rest])
    store = opened(tmp_path)
    found = content(store)["a"]
    want = [(i * 100 + k, f"line {i} {k}".encode()) for i in range(last + 1) for k in range(20)]
    assert found[: len(want)] == want
    # At most the push that was under way is there besides.
    assert len(found) in (len(want), len(want) + 20)
    store.close()
