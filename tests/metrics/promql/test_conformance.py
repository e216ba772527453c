"""The original's own query scripts."""

from __future__ import annotations

import pytest

from support.shared import SHARED, shared_path
from vedette.metrics.promql.script.run import run_file

FOLDER = "conformance/promql"
NAMES = sorted(p.name for p in (SHARED / FOLDER).glob("*.test"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_script(name: str) -> None:
    outcome = run_file(shared_path(FOLDER) / name)
    assert outcome.passed > 0
    assert not outcome.failures, "\n".join(str(f) for f in outcome.failures)
