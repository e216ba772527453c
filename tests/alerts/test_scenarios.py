"""Timetables of alerts and what is told when: `scenarios/*.txt`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts.timetable import play, read_scenario

SCENARIOS = sorted(Path(__file__).parent.glob("scenarios/*.txt"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_scenario(path: Path, tmp_path: Path, monkeypatch: Any) -> None:
    scenario = read_scenario(path)
    # What happens in one moment has no order.
    assert sorted(await play(scenario, tmp_path, monkeypatch)) == sorted(scenario.want)
