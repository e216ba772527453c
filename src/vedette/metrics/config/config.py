"""The whole of prometheus.yml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, PrivateAttr, field_validator

from vedette.metrics.config.alerting import AlertingConfig
from vedette.metrics.config.global_ import GlobalConfig
from vedette.metrics.config.otlp import OtlpConfig
from vedette.metrics.config.remote import RemoteReadConfig, RemoteWriteConfig
from vedette.metrics.config.runtime import RuntimeConfig
from vedette.metrics.config.scrape import ScrapeConfig
from vedette.metrics.config.section import Section, not_null
from vedette.metrics.config.storage import StorageConfig
from vedette.metrics.config.tracing import TracingConfig
from vedette.model.labels import Labels, quote

_FILE_PATTERN = re.compile(r"[^*]*(\*[^/]*)?\Z")

ScrapeConfigs = tuple[Annotated[ScrapeConfig, not_null("empty or null scrape config section")], ...]


class Config(Section):
    """Read by `vedette.metrics.config.load_config`, which resolves paths, inheritance and external labels."""

    global_: GlobalConfig = Field(default_factory=GlobalConfig, alias="global")
    runtime: RuntimeConfig = Field(default_factory=RuntimeConfig)
    alerting: AlertingConfig = Field(default_factory=AlertingConfig)
    rule_files: tuple[str, ...] = ()
    scrape_config_files: tuple[str, ...] = ()
    scrape_configs: ScrapeConfigs = ()
    storage: StorageConfig = Field(default_factory=StorageConfig)
    tracing: TracingConfig | None = None
    remote_write: tuple[
        Annotated[RemoteWriteConfig, not_null("empty or null remote write config section")], ...
    ] = ()
    remote_read: tuple[
        Annotated[RemoteReadConfig, not_null("empty or null remote read config section")], ...
    ] = ()
    otlp: OtlpConfig = Field(default_factory=OtlpConfig)

    _path: Path = PrivateAttr(default=Path())
    _jobs: tuple[ScrapeConfig, ...] = PrivateAttr(default=())
    _external_labels: Labels = PrivateAttr(default_factory=Labels)
    _text: str = PrivateAttr(default="")

    @field_validator("rule_files")
    @classmethod
    def _rule_files(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _patterns(value, "rule")

    @field_validator("scrape_config_files")
    @classmethod
    def _scrape_config_files(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _patterns(value, "scrape config")

    @property
    def path(self) -> Path:
        """The file that was read."""
        return self._path

    @property
    def base_dir(self) -> Path:
        """Where relative paths start."""
        return self._path.parent

    @property
    def jobs(self) -> tuple[ScrapeConfig, ...]:
        """Every job: those of ``scrape_configs`` and those of ``scrape_config_files``, in this order."""
        return self._jobs

    @property
    def external_labels(self) -> Labels:
        """``global.external_labels`` with variables expanded."""
        return self._external_labels

    @property
    def text(self) -> str:
        """The file as YAML with global defaults written out and secrets hidden, for people and for the API."""
        return self._text


def _patterns(paths: tuple[str, ...], what: str) -> tuple[str, ...]:
    for path in paths:
        if _FILE_PATTERN.match(path) is None:
            raise ValueError(f"invalid {what} file path {quote(path)}; * may stand only in the last part")
    return paths
