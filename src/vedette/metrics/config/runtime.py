"""``runtime:``: tuning of Go's memory management, which is read and means nothing here."""

from __future__ import annotations

from vedette.metrics.config.section import Section


class RuntimeConfig(Section):
    gogc: int = 75
