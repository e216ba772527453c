"""``storage:``: retention and what the store accepts."""

from __future__ import annotations

from pydantic import Field, field_validator

from vedette.config.model import Duration
from vedette.metrics.config.section import Section, Size
from vedette.model.labels import quote


class RetentionConfig(Section):
    """0 is not set; the time is milliseconds, the size bytes, the percentage one of the disk."""

    time: Duration = 0
    size: Size = 0
    percentage: float = 0.0

    @field_validator("percentage")
    @classmethod
    def _percentage(cls, value: float) -> float:
        if not 0 <= value <= 100:
            raise ValueError("storage.tsdb.retention.percentage must be in the range [0, 100]")
        return value


class ChunkEncodingConfig(Section):
    floats: str = "xor"

    @field_validator("floats")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in ("xor", "xor2"):
            raise ValueError(f"unknown float chunk encoding {quote(value)}; one of: xor, xor2")
        return value


class TsdbConfig(Section):
    out_of_order_time_window: Duration = 0
    retention: RetentionConfig = Field(default_factory=RetentionConfig)
    stale_series_compaction_threshold: float = 0.0
    chunk_encoding: ChunkEncodingConfig = Field(default_factory=ChunkEncodingConfig)

    @field_validator("stale_series_compaction_threshold")
    @classmethod
    def _fraction(cls, value: float) -> float:
        if not 0 <= value <= 1:
            raise ValueError("storage.tsdb.stale_series_compaction_threshold must be between 0 and 1")
        return value


class ExemplarsConfig(Section):
    max_exemplars: int = 100_000


class StorageConfig(Section):
    tsdb: TsdbConfig = Field(default_factory=TsdbConfig)
    exemplars: ExemplarsConfig = Field(default_factory=ExemplarsConfig)
