"""What every receiver's entry has."""

from __future__ import annotations

from typing import ClassVar, Self

from vedette.alerts.settings.common import Part
from vedette.alerts.settings.global_ import GlobalSettings
from vedette.client import HttpConfig


class ReceiverEntry(Part):
    """`kind` is the name that metrics and the notification log use."""

    kind: ClassVar[str] = ""
    send_resolved: bool = True

    def with_defaults(self, general: GlobalSettings) -> Self:
        """This entry with what it leaves to ``global`` filled in. Raises `ValueError`."""
        return self


class HttpEntry(ReceiverEntry):
    http_config: HttpConfig | None = None

    def with_defaults(self, general: GlobalSettings) -> Self:
        if self.http_config is None:
            return self.model_copy(update={"http_config": general.http_config})
        return self
