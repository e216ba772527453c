"""What a real Loki answered, asked of the logs role. Every case is counted: passed, different on purpose, or not yet."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support.shared import shared_path
from vedette.logs.service import LogsOptions, LogsRole
from vedette.web.role import Listen, WebServer

# Cases that are answered otherwise, with the reason.
ON_PURPOSE = {
    "push-errors-072": "an unusable name of metadata is the sender's fault: 400, not 500",
    "push-roundtrip-030": "the same",
    "binary-operators-046": "a many-to-many match is the query's fault: 400, not 500",
    "query-params-030": "`limit` counts the entries that are shown, not those that `interval` leaves out",
    "query-params-031": "the same",
    "query-params-034": "the same",
    "vector-aggregation-056": "which of several equal series is the smallest is not defined",
    "api-misc-003": "the 405 has a text",
}
# Groups of later releases; a case of them may pass, and must not break anything.
LATER = {
    "pattern_parser", "regexp_parser", "unpack", "label_format", "drop_keep", "decolorize", "unwrap", "label_replace",
    "binary_operators", "volume", "volume_range", "detected_labels", "detected_fields", "detected_field_values", "patterns",
    "format_query", "otlp",
}  # fmt: skip
# Cases of this release's groups that are not answered yet, by what they need.
NOT_YET = {
    "logfmt-009": '`logfmt a="b"` with the name of a stream label',
    "line-format-059": "faults of templates under `by (__error__)`",
    "template-functions-033": "rounding of halves in `round` with negative numbers",
    "template-functions-063": "texts that end within a character",
}
_REFUSED = "not supported"
PASSED_AT_LEAST = 880


@pytest.mark.slow
async def test_recorded_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compare = _load(shared_path("conformance/logql/compare.py"))
    config = tmp_path / "loki-config.yml"
    config.write_text(
        "auth_enabled: false\n"
        "limits_config: {reject_old_samples_max_age: 43800h, ingestion_rate_mb: 1000, ingestion_burst_size_mb: 1000,"
        " per_stream_rate_limit: 1GB, per_stream_rate_limit_burst: 1GB}\n"
    )
    role = LogsRole(LogsOptions(config, tmp_path / "data", Listen("127.0.0.1", 0)))
    async with role, WebServer(role.app, role.listen, role="logs") as server:
        verdicts = await asyncio.to_thread(_run, compare, f"http://{server.address}")
    counts = Counter(verdict for verdict, _ in verdicts.values())
    with capsys.disabled():
        print(f"\nrecorded answers of Loki: {dict(counts)}")
    broken = {case: text for case, (verdict, text) in verdicts.items() if verdict == "failed"}
    assert not broken
    assert counts["passed"] >= PASSED_AT_LEAST


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("loki_compare", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run(compare: Any, url: str) -> dict[str, tuple[str, str]]:
    compare.push_data(url, compare.DATA, {})
    lines = (compare.HERE / "cases.jsonl").read_text("utf-8").split("\n")
    cases = [json.loads(line) for line in lines if line.strip()]
    cases.sort(key=lambda case: case.get("phase") == "after")
    return {case["id"]: _verdict(compare, url, case) for case in cases}


def _verdict(compare: Any, url: str, case: dict[str, Any]) -> tuple[str, str]:
    difference, wording = compare.run(url, case, {})
    if difference is None or wording:
        return "passed", ""
    if case["id"] in ON_PURPOSE:
        return "different on purpose", difference
    refused = _REFUSED in difference or "status 404" in difference or "status 405" in difference
    if refused or case["id"] in NOT_YET:
        return "not supported yet", difference
    if case["group"] in LATER and "status 5" not in difference:
        return "not supported yet", difference
    return "failed", difference
