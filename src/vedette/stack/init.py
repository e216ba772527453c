"""`vedette init`: the corrected guide as a starting point."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from vedette.stack.project import guide_dir


def write_project(target: Path, *, overwrite: bool = False) -> Iterator[tuple[Path, bool]]:
    """Copies the guide's files to `target`; gives each path and whether it was written.

    A file that is there already stays, unless `overwrite`. Raises `OSError`.
    """
    source = guide_dir()
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        copy = target / path.relative_to(source)
        if copy.exists() and not overwrite:
            yield copy, False
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        yield copy, True
