"""``file_sd_configs``: targets in files that are read again when they change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import field_validator

from vedette.config.model import Duration
from vedette.metrics.config.section import Section
from vedette.model.labels import quote
from vedette.model.time import MINUTE

_PATTERN = re.compile(r"[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)\Z")


class FileSd(Section):
    """`files` may have a ``*`` in their last part. The interval is milliseconds."""

    files: tuple[str, ...] = ()
    refresh_interval: Duration = 5 * MINUTE

    @field_validator("files")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("file service discovery config must contain at least one path name")
        for path in value:
            if _PATTERN.match(path) is None:
                raise ValueError(
                    f"path name {quote(path)} is not valid for file discovery; "
                    "end it in .json, .yml or .yaml, with * only in the last part"
                )
        return value

    def resolved(self, base_dir: Path) -> Self:
        return self.model_copy(update={"files": tuple(str(base_dir / path) for path in self.files)})
