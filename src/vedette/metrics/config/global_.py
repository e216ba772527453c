"""``global:``"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import Field, field_validator, model_validator

from vedette.config.model import Duration
from vedette.metrics.config import protocols
from vedette.metrics.config.section import Count, Section, Size
from vedette.model.labels import is_label_name, is_legacy_label_name, quote
from vedette.model.time import MINUTE, SECOND

_DEFAULT_INTERVAL = 1 * MINUTE
_DEFAULT_TIMEOUT = 10 * SECOND


class GlobalConfig(Section):
    """Defaults of the other parts. Durations are milliseconds."""

    scrape_interval: Duration = _DEFAULT_INTERVAL
    scrape_timeout: Duration = 0  # 0 in the file: 10s, or the interval if that is shorter
    scrape_protocols: tuple[str, ...] | None = None
    evaluation_interval: Duration = _DEFAULT_INTERVAL
    rule_query_offset: Duration = 0
    query_log_file: str = ""
    scrape_failure_log_file: str = ""
    external_labels: Mapping[str, str] = Field(default_factory=dict)
    body_size_limit: Size = 0
    sample_limit: Count = 0
    target_limit: Count = 0
    label_limit: Count = 0
    label_name_length_limit: Count = 0
    label_value_length_limit: Count = 0
    keep_dropped_targets: Count = 0
    metric_name_validation_scheme: str = "utf8"
    metric_name_escaping_scheme: str = ""
    scrape_native_histograms: bool = False
    convert_classic_histograms_to_nhcb: bool = False
    always_scrape_classic_histograms: bool = False
    extra_scrape_metrics: bool = False

    @field_validator("scrape_protocols")
    @classmethod
    def _protocols(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and (wrong := protocols.fault(value)):
            raise ValueError(f"{wrong} for global config")
        return value

    @field_validator("metric_name_validation_scheme")
    @classmethod
    def _validation_scheme(cls, value: str) -> str:
        if value not in ("", *protocols.VALIDATION_SCHEMES):
            raise ValueError(f"unrecognized ValidationScheme: {quote(value)}; one of: utf8, legacy")
        return value or "utf8"

    @field_validator("metric_name_escaping_scheme")
    @classmethod
    def _escaping_scheme(cls, value: str) -> str:
        if value not in ("", *protocols.ESCAPING_SCHEMES):
            known = ", ".join(protocols.ESCAPING_SCHEMES)
            raise ValueError(
                f"unknown global name escaping method specified, got {quote(value)}; one of: {known}"
            )
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        legacy = self.metric_name_validation_scheme == "legacy"
        for name in self.external_labels:
            if not (is_legacy_label_name(name) if legacy else is_label_name(name)):
                raise ValueError(f"{quote(name)} is not a valid label name")
        interval = self.scrape_interval or _DEFAULT_INTERVAL
        if self.scrape_timeout > interval:
            raise ValueError(
                "global scrape timeout greater than scrape interval; raise scrape_interval or lower scrape_timeout"
            )
        # Frozen for everyone else; here the section is still being made.
        settle = object.__setattr__
        settle(self, "scrape_interval", interval)
        settle(self, "scrape_timeout", self.scrape_timeout or min(_DEFAULT_TIMEOUT, interval))
        settle(self, "evaluation_interval", self.evaluation_interval or _DEFAULT_INTERVAL)
        settle(
            self,
            "metric_name_escaping_scheme",
            self.metric_name_escaping_scheme or ("underscores" if legacy else "allow-utf-8"),
        )
        return self
