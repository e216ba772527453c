"""``otlp:``: how OpenTelemetry names and attributes become metrics and labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import field_validator, model_validator

from vedette.metrics.config.section import Section
from vedette.model.labels import quote

ESCAPE_WITH_SUFFIXES = "UnderscoreEscapingWithSuffixes"
# Strategies that keep names as they are need UTF-8 names.
UTF8_STRATEGIES = ("NoUTF8EscapingWithSuffixes", "NoTranslation")
_STRATEGIES = (ESCAPE_WITH_SUFFIXES, "UnderscoreEscapingWithoutSuffixes", *UTF8_STRATEGIES)


class OtlpConfig(Section):
    promote_all_resource_attributes: bool = False
    promote_resource_attributes: tuple[str, ...] = ()
    ignore_resource_attributes: tuple[str, ...] = ()
    translation_strategy: str = ESCAPE_WITH_SUFFIXES
    keep_identifying_resource_attributes: bool = False
    convert_histograms_to_nhcb: bool = False
    promote_scope_metadata: bool = False
    label_name_underscore_sanitization: bool = True
    label_name_preserve_multiple_underscores: bool = True

    @field_validator("translation_strategy")
    @classmethod
    def _strategy(cls, value: str) -> str:
        if value not in ("", *_STRATEGIES):
            raise ValueError(
                f"unsupported OTLP translation strategy {quote(value)}; one of: {', '.join(_STRATEGIES)}"
            )
        return value or ESCAPE_WITH_SUFFIXES

    @field_validator("promote_resource_attributes")
    @classmethod
    def _promoted(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _attributes(value, "promoted", "promote_resource_attributes")

    @field_validator("ignore_resource_attributes")
    @classmethod
    def _ignored(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _attributes(value, "ignored", "ignore_resource_attributes")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.promote_all_resource_attributes and self.promote_resource_attributes:
            raise ValueError(
                "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured "
                "simultaneously; keep one"
            )
        if self.ignore_resource_attributes and not self.promote_all_resource_attributes:
            raise ValueError(
                "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true"
            )
        return self


def _attributes(names: Sequence[str], adjective: str, key: str) -> tuple[str, ...]:
    cleaned = tuple(name.strip() for name in names)
    for index, name in enumerate(cleaned):
        if not name:
            raise ValueError(f"invalid '{key}': empty {adjective} OTel resource attribute")
        if name in cleaned[:index]:
            raise ValueError(f"invalid '{key}': duplicated {adjective} OTel resource attribute {quote(name)}")
    return cleaned
