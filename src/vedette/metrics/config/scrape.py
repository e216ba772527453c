"""``scrape_configs:``: one job."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, PrivateAttr, field_validator

from vedette.client.config import HttpSettings
from vedette.config.model import Duration
from vedette.metrics.config import protocols
from vedette.metrics.config.global_ import GlobalConfig
from vedette.metrics.config.sd import Discovery
from vedette.metrics.config.section import Count, MetricRules, Scheme, Section, Size, TargetRules
from vedette.model.labels import quote

_INHERITED_COUNTS = (
    "body_size_limit",
    "sample_limit",
    "target_limit",
    "label_limit",
    "label_name_length_limit",
    "label_value_length_limit",
    "keep_dropped_targets",
)
_INHERITED_SWITCHES = (
    "scrape_native_histograms",
    "always_scrape_classic_histograms",
    "convert_classic_histograms_to_nhcb",
    "extra_scrape_metrics",
)


class ScrapeConfig(Section, Discovery, HttpSettings):
    """A job as written; `inherit` fills what it takes from ``global:``. Durations are milliseconds, sizes bytes."""

    job_name: str = Field(default="", validate_default=True)
    honor_labels: bool = False
    honor_timestamps: bool = True
    track_timestamps_staleness: bool = False
    params: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    scrape_interval: Duration = 0
    scrape_timeout: Duration = 0
    scrape_protocols: tuple[str, ...] | None = None
    fallback_scrape_protocol: str = ""
    scrape_native_histograms: bool | None = None
    always_scrape_classic_histograms: bool | None = None
    convert_classic_histograms_to_nhcb: bool | None = None
    extra_scrape_metrics: bool | None = None
    scrape_failure_log_file: str = ""
    metrics_path: str = "/metrics"
    scheme: Scheme = "http"
    enable_compression: bool = True
    body_size_limit: Size = 0
    sample_limit: Count = 0
    target_limit: Count = 0
    label_limit: Count = 0
    label_name_length_limit: Count = 0
    label_value_length_limit: Count = 0
    native_histogram_bucket_limit: Count = 0
    native_histogram_min_bucket_factor: float = 0.0
    keep_dropped_targets: Count = 0
    metric_name_validation_scheme: str = ""
    metric_name_escaping_scheme: str = ""
    relabel_configs: TargetRules = ()
    metric_relabel_configs: MetricRules = ()

    # The folder of the file that holds the job: where its relative paths start.
    _base_dir: Path = PrivateAttr(default=Path())

    @property
    def base_dir(self) -> Path:
        return self._base_dir

    @field_validator("job_name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value:
            raise ValueError("job_name is empty; give the job a name")
        return value

    @field_validator("scrape_protocols")
    @classmethod
    def _protocols(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and (wrong := protocols.fault(value)):
            raise ValueError(wrong)
        return value

    @field_validator("fallback_scrape_protocol")
    @classmethod
    def _fallback(cls, value: str) -> str:
        if value and value not in protocols.MEDIA_TYPES:
            raise ValueError(f"invalid fallback_scrape_protocol: {protocols.unknown(value)}")
        return value

    @field_validator("metric_name_validation_scheme")
    @classmethod
    def _validation_scheme(cls, value: str) -> str:
        if value not in ("", *protocols.VALIDATION_SCHEMES):
            raise ValueError(
                f"unknown scrape config name validation method specified, got {quote(value)}; one of: utf8, legacy"
            )
        return value

    @field_validator("metric_name_escaping_scheme")
    @classmethod
    def _escaping_scheme(cls, value: str) -> str:
        if value not in ("", *protocols.ESCAPING_SCHEMES):
            known = ", ".join(protocols.ESCAPING_SCHEMES)
            raise ValueError(
                f"unknown scrape config name escaping method specified, got {quote(value)}; one of: {known}"
            )
        return value

    def inherit(self, defaults: GlobalConfig, base_dir: Path) -> Self:
        """The job with everything filled in. Raises `ValueError` for what doesn't fit together."""
        fill: dict[str, Any] = {}
        interval = self.scrape_interval or defaults.scrape_interval
        if self.scrape_timeout > interval:
            raise ValueError(
                "scrape timeout greater than scrape interval for scrape config with job name "
                f"{quote(self.job_name)}; raise scrape_interval or lower scrape_timeout"
            )
        fill["scrape_interval"] = interval
        fill["scrape_timeout"] = self.scrape_timeout or min(defaults.scrape_timeout, interval)
        for name in _INHERITED_COUNTS:
            fill[name] = getattr(self, name) or getattr(defaults, name)
        for name in _INHERITED_SWITCHES:
            own = getattr(self, name)
            fill[name] = getattr(defaults, name) if own is None else own
        if self.scrape_protocols is None:
            first = (protocols.PROTOBUF,) if fill["scrape_native_histograms"] else ()
            fill["scrape_protocols"] = defaults.scrape_protocols or (*first, *protocols.DEFAULT_PROTOCOLS)
        fill["scrape_failure_log_file"] = (
            str(base_dir / self.scrape_failure_log_file)
            if self.scrape_failure_log_file
            else defaults.scrape_failure_log_file
        )
        fill |= self._name_schemes(defaults)
        fill["file_sd_configs"] = tuple(sd.resolved(base_dir) for sd in self.file_sd_configs)
        made = self.model_copy(update=fill)
        made._base_dir = base_dir
        return made

    def _name_schemes(self, defaults: GlobalConfig) -> dict[str, str]:
        validation = self.metric_name_validation_scheme or defaults.metric_name_validation_scheme
        escaping = self.metric_name_escaping_scheme
        if not escaping:
            if not self.metric_name_validation_scheme:
                escaping = defaults.metric_name_escaping_scheme
            else:
                escaping = "underscores" if validation == "legacy" else "allow-utf-8"
        if escaping == "allow-utf-8" and validation != "utf8":
            raise ValueError("utf8 metric names requested but validation scheme is not set to UTF8")
        return {"metric_name_validation_scheme": validation, "metric_name_escaping_scheme": escaping}


class ScrapeConfigFile(Section):
    """A file named under ``scrape_config_files``."""

    scrape_configs: tuple[ScrapeConfig, ...] = ()
