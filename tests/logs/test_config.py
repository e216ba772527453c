"""`loki-config.yml`: honoured, warned about, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.shared import shared_path
from vedette.config.document import parse_document, read_document
from vedette.config.problems import ConfigError
from vedette.logs.config import check_config, options_of

HOUR = 3600 * 10**9

CORRECTED = """
auth_enabled: false
server: {http_listen_port: 3100}
common:
  path_prefix: /loki
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage:
    filesystem: {chunks_directory: /loki/chunks, rules_directory: /loki/rules}
ingester: {chunk_idle_period: 3m, chunk_retain_period: 1m, max_chunk_age: 1h}
limits_config:
  max_streams_per_user: 10000
  reject_old_samples: true
  reject_old_samples_max_age: 168h
  retention_period: 168h
schema_config:
  configs:
    - {from: 2020-10-24, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}
compactor: {working_directory: /loki/compactor, retention_enabled: true, delete_request_store: filesystem}
"""


def test_the_corrected_file_is_honoured() -> None:
    document = parse_document(CORRECTED)
    assert check_config(document) == []
    config = options_of(document)
    assert (config.store.blocks, config.store.wal) == (Path("/loki/chunks"), Path("/loki/wal"))
    assert (config.store.idle_s, config.store.max_age_s, config.store.window_ns) == (180, 3600, HOUR // 2)
    assert config.push_limits.max_streams == 10000
    assert config.push_limits.max_age_ns == 168 * HOUR
    assert config.retention.enabled and config.retention.period_ns == 168 * HOUR
    assert config.listen_port == 3100
    assert options_of(document, Path("/d")).store.blocks == Path("/d/blocks")


def test_the_guides_own_file_line_by_line() -> None:
    problems = check_config(read_document(shared_path("guide/logs/loki-config.yml")))
    assert [(p.line, p.severity, p.where) for p in problems] == [
        (7, "error", "ingester.max_streams_per_user"),
        (10, "warning", "limits_config.enforce_metric_name"),
        (17, "warning", "schema_config.configs[0].store"),
        (19, "error", "schema_config.configs[0].schema"),
        (29, "warning", "storage_config.boltdb_shipper"),
        (37, "warning", "chunk_store_config.max_look_back_period"),
        (39, "warning", "table_manager"),
    ]
    hints = {p.where: p.hint for p in problems}
    assert hints["ingester.max_streams_per_user"] == "write limits_config.max_streams_per_user"
    assert hints["schema_config.configs[0].schema"] == "write `schema: v13`, and `index:` beside it"
    assert "limits_config.max_query_lookback" in hints["chunk_store_config.max_look_back_period"]
    assert "compactor" in hints["table_manager"]


@pytest.mark.parametrize(
    ("text", "where", "severity", "part"),
    [
        (
            "ingester: {chunk_idle_perod: 3m}",
            "ingester.chunk_idle_perod",
            "error",
            'did you mean "chunk_idle_period"?',
        ),
        ("retention_period: 7d", "retention_period", "error", "limits_config.retention_period"),
        (
            "limits_config: {retention_perid: 7d}",
            "limits_config.retention_perid",
            "warning",
            '"retention_period"',
        ),
        (
            "limits_config: {retention_period: 7d}",
            "limits_config.retention_period",
            "warning",
            "retention_enabled",
        ),
        (
            "compactor: {retention_enabled: true}",
            "compactor.retention_enabled",
            "error",
            "delete_request_store",
        ),
        ("limits_config: {max_line_size: big}", "limits_config.max_line_size", "error", "256KB"),
        ("limits_config: {retention_stream: [{selector: '{a=}', period: 24h}]}", "", "error", "selector"),
        ("server: {http_listen_port: 70000}", "server.http_listen_port", "error", ""),
        ("- a\n- b", "", "error", "mapping"),
    ],
)
def test_faults_are_named(text: str, where: str, severity: str, part: str) -> None:
    problems = check_config(parse_document(text))
    assert problems
    found = problems[0]
    assert found.severity == severity
    assert where in found.where
    assert part in str(found)


def test_errors_refuse_the_file_and_warnings_travel_along() -> None:
    with pytest.raises(ConfigError):
        options_of(parse_document("ingester: {max_streams_per_user: 1}"))
    config = options_of(parse_document("limits_config: {enforce_metric_name: false}"))
    assert [p.where for p in config.warnings] == ["limits_config.enforce_metric_name"]


def test_an_old_table_manager_still_deletes() -> None:
    config = options_of(
        parse_document("table_manager: {retention_deletes_enabled: true, retention_period: 168h}")
    )
    assert config.retention.enabled and config.retention.period_ns == 168 * HOUR


def test_empty_blocks_are_defaults() -> None:
    assert options_of(parse_document("ingester:\nlimits_config:\n")).push_limits.max_line_bytes == 256 << 10
