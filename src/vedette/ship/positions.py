"""The positions file: how far each file has been delivered.

Read and written in the original's form (a YAML map of path to offset as text). Ours adds, in a second map the
original ignores by name only in files it does not read back, the identity of each file, so that a rotated file is
recognised after a pause: it is kept in a file of its own beside the first, ``<name>.files``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import orjson
import yaml

from vedette.config.problems import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class Position:
    """`offset` bytes of the file with this identity are delivered; inode 0 when it is not known."""

    offset: int
    inode: int = 0
    device: int = 0


class Positions:
    """Offsets by path. `save` replaces the file whole, or leaves the old one."""

    def __init__(self, path: Path, *, ignore_invalid: bool = False) -> None:
        self.path = path
        self._known: dict[str, Position] = {}
        self._dirty = False
        self._load(ignore_invalid)

    def _load(self, ignore_invalid: bool) -> None:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        try:
            data = yaml.safe_load(text) or {}
            offsets = {str(p): int(o) for p, o in (data.get("positions") or {}).items()}
        except (yaml.YAMLError, AttributeError, ValueError, TypeError):
            if ignore_invalid:
                return
            raise ConfigError(
                [
                    Problem(
                        str(self.path),
                        0,
                        0,
                        "",
                        "not a positions file",
                        "remove it, or set ignore_invalid_yaml: true",
                    )
                ]
            ) from None
        try:
            identities = orjson.loads(self._identity_path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            identities = {}
        for path, offset in offsets.items():
            inode, device = identities.get(path, (0, 0))
            self._known[path] = Position(offset, inode, device)

    @property
    def _identity_path(self) -> Path:
        return self.path.with_name(f"{self.path.name}.files")

    def get(self, path: str) -> Position | None:
        return self._known.get(path)

    def find(self, inode: int, device: int) -> tuple[str, Position] | None:
        """The path under which a file was last known by its identity."""
        for path, position in self._known.items():
            if inode and (position.inode, position.device) == (inode, device):
                return path, position
        return None

    def set(self, path: str, position: Position) -> None:
        if self._known.get(path) != position:
            self._known[path] = position
            self._dirty = True

    def forget(self, path: str) -> None:
        if self._known.pop(path, None) is not None:
            self._dirty = True

    def save(self) -> None:
        """Writes both files when something changed. Raises `OSError`."""
        if not self._dirty:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        offsets = {path: str(position.offset) for path, position in sorted(self._known.items())}
        identities = {path: (p.inode, p.device) for path, p in self._known.items() if p.inode}
        _replace(self._identity_path, orjson.dumps(identities))
        _replace(self.path, yaml.safe_dump({"positions": offsets}, default_style=None).encode())
        self._dirty = False


def _replace(path: Path, body: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
