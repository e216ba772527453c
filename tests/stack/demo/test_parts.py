"""What the demo is made of, without servers: files, credentials, conditions, the control door, traffic."""

from __future__ import annotations

import asyncio
import json
import random
import stat
import time
from collections import Counter
from pathlib import Path

import pytest

from vedette.cli.demo import _control_file
from vedette.stack.demo.binaries import DemoPackageMissing, package_file
from vedette.stack.demo.conditions import (
    ALERTS,
    Conditions,
    Kind,
    parse_kind,
    read_conditions,
    write_conditions,
)
from vedette.stack.demo.control import ControlDoor, ControlError, ask
from vedette.stack.demo.layout import open_layout
from vedette.stack.demo.traffic import MIX, next_visit


def test_passwords_are_made_once_and_kept_private(tmp_path: Path) -> None:
    first, again = open_layout(tmp_path), open_layout(tmp_path)
    assert first.passwords == again.passwords
    assert len(set(first.passwords.values())) == len(first.passwords)
    assert stat.S_IMODE((tmp_path / "demo/passwords.json").stat().st_mode) == 0o600
    for secret in first.passwords.values():
        assert secret not in repr(first)
    assert first.passwords["exporter"] in first.postgres_dsn()


def test_conditions_survive_the_way_through_the_file(tmp_path: Path) -> None:
    file = tmp_path / "demo/conditions.json"
    assert read_conditions(file) == frozenset()
    seen = Conditions(file)
    assert Kind.ERRORS not in seen
    write_conditions(file, {Kind.ERRORS, Kind.LATENCY})
    time.sleep(0.3)
    assert Kind.ERRORS in seen and Kind.API not in seen
    file.write_text("no list")
    time.sleep(0.3)
    assert Kind.ERRORS not in seen


def test_every_kind_has_its_alert() -> None:
    assert set(ALERTS) == set(Kind)
    rules = (Path(__file__).resolve().parents[3] / "guide/alerts.yml").read_text()
    for names in ALERTS.values():
        for name in names:
            assert f"alert: {name}\n" in rules
    with pytest.raises(ValueError, match="one of: api, database"):
        parse_kind("postgres")


def test_the_control_door(tmp_path: Path) -> None:
    file = tmp_path / "demo/control.json"
    file.parent.mkdir()

    async def handle(do: str, kind: str) -> dict[str, object]:
        if do != "break":
            raise ControlError("not today")
        return {"broken": [kind]}

    async def check() -> None:
        with pytest.raises(ControlError, match="no demo runs"):
            await ask(file, "break", "api")
        async with ControlDoor(file, handle):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert (await ask(file, "break", "api"))["broken"] == ["api"]
            with pytest.raises(ControlError, match="not today"):
                await ask(file, "mend", "api")
            door = json.loads(file.read_text())
            for line in (b'{"token": "x", "do": "break"}\n', b"GET / HTTP/1.1\r\n", b"[]\n", b"\xff\n"):
                reader, writer = await asyncio.open_connection("127.0.0.1", door["port"])
                writer.write(line)
                assert json.loads(await reader.readline())["ok"] is False
                writer.close()
        assert not file.exists()

    asyncio.run(check())


def test_traffic_is_gentle() -> None:
    """A demo in which nothing is broken must not fire HighErrorRate or SlowResponseTime."""
    random.seed(7)
    paths = Counter(next_visit().path for _ in range(5000))
    assert paths["/failing"] / 5000 < 0.03
    assert paths["/slow"] / 5000 < 0.04
    assert sum(share for share, _ in MIX) == pytest.approx(1)


def test_a_missing_package_is_named() -> None:
    with pytest.raises(DemoPackageMissing, match=r"pip install 'vedette\[demo\]'"):
        package_file("no_such_package_at_all", "bin")


def test_the_demo_is_found_where_up_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert _control_file(None, None) == tmp_path / "vedette/demo/data/demo/control.json"
    project = tmp_path / "project"
    project.mkdir()
    assert _control_file(project, None) == project / "data/demo/control.json"
    assert _control_file(project, tmp_path / "d") == tmp_path / "d/demo/control.json"
    (tmp_path / "d/demo").mkdir(parents=True)
    (tmp_path / "d/demo/control.json").touch()
    assert _control_file(None, tmp_path / "d") == tmp_path / "d/demo/control.json"
