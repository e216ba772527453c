"""``static_configs``: targets written down."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field, field_validator

from vedette.metrics.config.section import Section
from vedette.model.labels import is_label_name, quote


class TargetGroup(Section):
    """Addresses that share labels: an item of ``static_configs`` or of a discovery file."""

    targets: tuple[str, ...] = ()
    labels: Mapping[str, str] = Field(default_factory=dict)

    @field_validator("labels")
    @classmethod
    def _names(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for name in value:
            if not is_label_name(name):
                raise ValueError(f"{quote(name)} is not a valid label name")
        return value


def address_fault(address: str) -> str:
    """What is wrong with a target's address, or ''."""
    return f"{quote(address)} is not a valid hostname" if "/" in address else ""
