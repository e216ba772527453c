"""Where the conformance data lies: beside the project, never inside it."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"


def shared_path(relative: str) -> Path:
    """The path of `relative` in the shared folder; skips the calling test, saying so, when it is absent."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"{relative} is not beside this checkout (../shared)")
    return path
