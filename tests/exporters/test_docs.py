"""What can be switched on is documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedette.exporters.node.registry import COLLECTORS as NODE
from vedette.exporters.postgres.registry import COLLECTORS as POSTGRES
from vedette.stack.demo.conditions import ALERTS, Kind

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", [*NODE, *POSTGRES])
def test_collectors_are_documented(name: str) -> None:
    words = (DOCS / "exporters.md").read_text().replace(",", " ").replace(".", " ").replace(":", " ").split()
    assert name in words


def test_kinds_and_their_alerts_are_documented() -> None:
    text = (DOCS / "demo.md").read_text()
    for kind in Kind:
        assert f"| `{kind.value}` |" in text
        for alert in ALERTS[kind]:
            assert alert in text
