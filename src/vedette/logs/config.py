"""`loki-config.yml`: read, checked, and as the role's own options."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from vedette.config.document import Document, read_document
from vedette.config.model import validate
from vedette.config.problems import ConfigError, Problem
from vedette.logs.config_check import check_config
from vedette.logs.config_model import LokiConfig
from vedette.logs.limits import PushLimits, QueryLimits
from vedette.logs.store.retention import RetentionPolicy, StreamRetention
from vedette.logs.store.store import StoreOptions

__all__ = ["LogsConfig", "check_config", "load_config", "options_of"]


@dataclass(frozen=True, slots=True)
class LogsConfig:
    """What the file says, in the terms of this role. `warnings` are faults that do not keep it from running."""

    store: StoreOptions
    push_limits: PushLimits
    query_limits: QueryLimits
    retention: RetentionPolicy
    sweep_interval_s: float
    listen_host: str
    listen_port: int
    data: Any
    warnings: tuple[Problem, ...] = ()

    def as_yaml(self) -> str:
        """The file with its variables expanded, for `/config`."""
        return yaml.safe_dump(self.data or {}, sort_keys=False, allow_unicode=True)


def load_config(path: Path | None, data_dir: Path | None = None) -> LogsConfig:
    """The configuration in `path`, or the defaults. `data_dir` overrides every path of the file.

    Raises `ConfigError` with every fault.
    """
    if path is None:
        return _options(LokiConfig(), {}, data_dir)
    return options_of(read_document(path), data_dir)


def options_of(document: Document, data_dir: Path | None = None) -> LogsConfig:
    """Raises `ConfigError` with every fault."""
    problems = check_config(document)
    if any(problem.severity == "error" for problem in problems):
        raise ConfigError(problems)
    if isinstance(document.data, dict):
        document.data = _present(document.data)
    config = validate(document, LokiConfig)
    return replace(_options(config, document.data, data_dir), warnings=tuple(problems))


def _present(data: dict[str, Any]) -> dict[str, Any]:
    return {k: _present(v) if isinstance(v, dict) else v for k, v in data.items() if v is not None}


def _options(config: LokiConfig, data: Any, data_dir: Path | None) -> LogsConfig:
    ingester, limits = config.ingester, config.limits_config
    query_limits = replace(
        limits.query_limits(),
        max_concurrent=config.querier.max_concurrent,
        tail_max_duration_s=config.querier.tail_max_duration / 1e9,
    )
    blocks, wal = _directories(config, data_dir)
    return LogsConfig(
        store=StoreOptions(
            blocks=blocks,
            wal=wal,
            idle_s=ingester.chunk_idle_period / 1e9,
            max_age_s=ingester.max_chunk_age / 1e9,
        ),
        push_limits=limits.push_limits(),
        query_limits=query_limits,
        retention=_retention(config),
        sweep_interval_s=max(1.0, config.compactor.compaction_interval / 1e9),
        listen_host=config.server.http_listen_address,
        listen_port=config.server.http_listen_port,
        data=data,
    )


def _directories(config: LokiConfig, data_dir: Path | None) -> tuple[Path, Path]:
    """Where blocks and the write-ahead log are."""
    if data_dir is not None:
        return data_dir / "blocks", data_dir / "wal"
    chunks = config.common.storage.filesystem.chunks_directory or config.storage_config.filesystem.directory
    prefix = config.common.path_prefix or (str(Path(chunks).parent) if chunks else "loki-data")
    blocks = Path(chunks) if chunks else Path(prefix) / "chunks"
    return blocks, Path(config.ingester.wal.dir or Path(prefix) / "wal")


def _retention(config: LokiConfig) -> RetentionPolicy:
    limits, old = config.limits_config, config.table_manager
    period, enabled = limits.retention_period, config.compactor.retention_enabled
    if not period and not enabled and old is not None and old.retention_deletes_enabled:
        period, enabled = old.retention_period, True
    rules = tuple(
        StreamRetention(rule.selector, rule.period, rule.priority) for rule in limits.retention_stream or ()
    )
    return RetentionPolicy(enabled, period, rules)
