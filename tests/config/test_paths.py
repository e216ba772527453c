from __future__ import annotations

import pytest

from vedette.config import paths


def test_the_longest_beginning_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.VARIABLE, paths.write({"/app": "/x", "/app/logs": "/data/logs/"}))
    assert paths.resolve_path("/app/logs/*.log") == "/data/logs/*.log"
    assert paths.resolve_path("/app") == "/x"
    assert paths.resolve_path("/application/a") == "/application/a"
