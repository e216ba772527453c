"""The part of `loki-config.yml` that this role acts on. Which keys may stand there at all: `config_keys.py`.

Defaults are the original's.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from vedette.config.model import GoDuration
from vedette.logs.limits import LEVEL_FIELDS, SERVICE_NAME_LABELS, PushLimits, QueryLimits
from vedette.logs.logql.syntax import LogQLError, parse_selector
from vedette.model.labels import Matcher

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?\Z", re.IGNORECASE)
_SCALE = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def _size(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    found = _SIZE.match(value.strip())
    if found is None:
        raise ValueError(f'"{value}" is no size; write a number with a unit such as 256KB')
    return int(float(found[1]) * 1024 ** _SCALE[found[2].lower()])


def _selector(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_selector(value)
    except LogQLError as error:
        raise ValueError(f'{error}; write a selector such as {{namespace="dev"}}') from None


Size = Annotated[int, BeforeValidator(_size)]
Selector = Annotated[tuple[Matcher, ...], BeforeValidator(_selector)]

_MINUTE = 60 * 10**9
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


class _Part(BaseModel):
    model_config = ConfigDict(defer_build=True, extra="ignore", frozen=True, arbitrary_types_allowed=True)


class ServerPart(_Part):
    http_listen_address: str = ""
    http_listen_port: int = Field(3100, ge=0, le=65535)
    grpc_listen_port: int = Field(9095, ge=0, le=65535)
    log_level: str = "info"
    log_format: str = "logfmt"


class FilesystemPart(_Part):
    chunks_directory: str = ""
    rules_directory: str = ""


class CommonStoragePart(_Part):
    filesystem: FilesystemPart = FilesystemPart()


class CommonPart(_Part):
    path_prefix: str = ""
    replication_factor: int = 3
    storage: CommonStoragePart = CommonStoragePart()


class StorageFilesystemPart(_Part):
    directory: str = ""


class StoragePart(_Part):
    filesystem: StorageFilesystemPart = StorageFilesystemPart()


class WalPart(_Part):
    enabled: bool = True
    dir: str = ""


class IngesterPart(_Part):
    chunk_idle_period: GoDuration = 30 * _MINUTE
    chunk_retain_period: GoDuration = 0
    max_chunk_age: GoDuration = 2 * _HOUR
    wal: WalPart = WalPart()


class IndexPart(_Part):
    prefix: str = ""
    period: GoDuration = 24 * _HOUR


class PeriodPart(_Part):
    from_: str = Field("", alias="from")
    store: str = ""
    object_store: str = ""
    schema_: str = Field("", alias="schema")
    index: IndexPart = IndexPart()


class SchemaPart(_Part):
    configs: tuple[PeriodPart, ...] = ()


class CompactorPart(_Part):
    working_directory: str = ""
    retention_enabled: bool = False
    delete_request_store: str = ""
    compaction_interval: GoDuration = 10 * _MINUTE
    retention_delete_delay: GoDuration = 2 * _HOUR


class StreamRetentionPart(_Part):
    selector: Selector
    priority: int = 0
    period: GoDuration


class LimitsPart(_Part):
    ingestion_rate_mb: float = 4
    ingestion_burst_size_mb: float = 6
    max_label_name_length: int = 1024
    max_label_value_length: int = 2048
    max_label_names_per_series: int = 15
    reject_old_samples: bool = True
    reject_old_samples_max_age: GoDuration = 7 * _DAY
    creation_grace_period: GoDuration = 10 * _MINUTE
    max_line_size: Size = 256 << 10
    max_line_size_truncate: bool = False
    max_streams_per_user: int = 0
    max_global_streams_per_user: int | None = None
    per_stream_rate_limit: Size = 3 << 20
    per_stream_rate_limit_burst: Size = 15 << 20
    allow_structured_metadata: bool = True
    max_structured_metadata_size: Size = 64 << 10
    max_structured_metadata_entries_count: int = 128
    discover_service_name: tuple[str, ...] | None = SERVICE_NAME_LABELS
    discover_log_levels: bool = True
    log_level_fields: tuple[str, ...] | None = LEVEL_FIELDS
    max_entries_limit_per_query: int = 5000
    max_query_series: int = 500
    max_query_length: GoDuration = 721 * _HOUR
    max_query_lookback: GoDuration = 0
    max_concurrent_tail_requests: int = 10
    query_timeout: GoDuration = _MINUTE
    retention_period: GoDuration = 0
    retention_stream: tuple[StreamRetentionPart, ...] | None = ()

    def push_limits(self) -> PushLimits:
        streams = self.max_global_streams_per_user
        if streams is None:
            # The default of the one must not undercut the other that was written.
            streams = self.max_streams_per_user or 5000
        elif self.max_streams_per_user:
            streams = min(streams or self.max_streams_per_user, self.max_streams_per_user)
        return PushLimits(
            max_line_bytes=self.max_line_size,
            truncate_lines=self.max_line_size_truncate,
            max_label_names=self.max_label_names_per_series,
            max_name_bytes=self.max_label_name_length,
            max_value_bytes=self.max_label_value_length,
            reject_old=self.reject_old_samples,
            max_age_ns=self.reject_old_samples_max_age,
            max_ahead_ns=self.creation_grace_period,
            max_metadata_bytes=self.max_structured_metadata_size,
            max_metadata_pairs=self.max_structured_metadata_entries_count,
            allow_metadata=self.allow_structured_metadata,
            max_streams=streams,
            rate_bytes=int(self.ingestion_rate_mb * (1 << 20)),
            burst_bytes=int(self.ingestion_burst_size_mb * (1 << 20)),
            stream_rate_bytes=self.per_stream_rate_limit,
            stream_burst_bytes=self.per_stream_rate_limit_burst,
            service_name_labels=self.discover_service_name or (),
            discover_levels=self.discover_log_levels,
            level_fields=self.log_level_fields or LEVEL_FIELDS,
        )

    def query_limits(self) -> QueryLimits:
        return QueryLimits(
            max_entries=self.max_entries_limit_per_query,
            max_series=self.max_query_series,
            max_length_ns=self.max_query_length,
            max_lookback_ns=self.max_query_lookback,
            timeout_s=self.query_timeout / 1e9,
            max_tails=self.max_concurrent_tail_requests,
        )


class QuerierPart(_Part):
    max_concurrent: int = Field(4, ge=1)
    tail_max_duration: GoDuration = _HOUR


class TableManagerPart(_Part):
    """Of releases before 3.8; honoured when it is the only place that speaks of retention."""

    retention_deletes_enabled: bool = False
    retention_period: GoDuration = 0


class LokiConfig(_Part):
    auth_enabled: bool = True
    server: ServerPart = ServerPart()
    common: CommonPart = CommonPart()
    ingester: IngesterPart = IngesterPart()
    storage_config: StoragePart = StoragePart()
    schema_config: SchemaPart = SchemaPart()
    compactor: CompactorPart = CompactorPart()
    limits_config: LimitsPart = LimitsPart()
    querier: QuerierPart = QuerierPart()
    table_manager: TableManagerPart | None = None
