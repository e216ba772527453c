"""Following one file: complete lines out, over rotation and truncation.

A file is known by device and inode. When another file stands under the path, the old one is read to its end first.
A file that is shorter than what was read has been truncated and is read from its beginning.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

CHUNK = 256 << 10
# A line that has not ended by then is delivered in parts.
LONGEST_LINE = 4 << 20


@dataclass(slots=True)
class Piece:
    """Complete lines of a file, and the offset behind the last."""

    lines: list[str]
    path: str
    inode: int
    device: int
    offset: int


@dataclass(slots=True)
class Follower:
    """One path. `read` is called again and again; it never blocks for data."""

    path: str
    offset: int = 0
    encoding: str = "utf-8"
    inode: int = 0
    device: int = 0
    lines_read: int = 0
    # The file that stood under the path before: inode, device, bytes read of it.
    previous: tuple[int, int, int] | None = None
    _file: int = -1
    _rest: bytes = b""

    def open(self) -> bool:
        """Opens what stands under the path now. False when there is nothing readable."""
        try:
            self._file = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            self._file = -1
            return False
        found = os.fstat(self._file)
        if (
            self.inode and (found.st_ino, found.st_dev) != (self.inode, self.device)
        ) or found.st_size < self.offset:
            self.offset = 0
        self.inode, self.device = found.st_ino, found.st_dev
        self._rest = b""
        return True

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    @property
    def size(self) -> int:
        return os.fstat(self._file).st_size if self._file >= 0 else 0

    def read(self) -> Piece | None:
        """The next complete lines, or None when there are none now. Raises `OSError` for a file that can't be read."""
        if self._file < 0 and not self.open():
            return None
        start = self.offset + len(self._rest)
        data = os.pread(self._file, CHUNK, start)
        if not data:
            return self._at_end(start)
        whole = self._rest + data
        end = whole.rfind(b"\n") + 1
        if end == 0 and len(whole) < LONGEST_LINE:
            self._rest = whole
            return None
        if end == 0:
            end = len(whole)
        self._rest = whole[end:]
        return self._piece(whole[:end])

    def _piece(self, body: bytes) -> Piece:
        self.offset += len(body)
        lines = body.decode(self.encoding, "replace").split("\n")
        if not lines[-1]:
            lines.pop()
        self.lines_read += len(lines)
        return Piece(lines, self.path, self.inode, self.device, self.offset)

    def _at_end(self, start: int) -> Piece | None:
        """Nothing more to read: has the file been truncated, replaced or removed?"""
        if os.fstat(self._file).st_size < start:
            self.offset, self._rest = 0, b""
            return None
        try:
            now = os.stat(self.path)
        except OSError:
            return self._take_rest()
        if (now.st_ino, now.st_dev) == (self.inode, self.device):
            return None
        last = self._take_rest()
        self.previous = (self.inode, self.device, self.offset)
        self.close()
        self.offset, self.inode, self.device = 0, 0, 0
        self.open()
        return last

    def _take_rest(self) -> Piece | None:
        # The file got a successor or is gone: its last line won't be finished any more.
        if not self._rest:
            return None
        body, self._rest = self._rest, b""
        return self._piece(body)

    @property
    def gone(self) -> bool:
        """The path is gone and everything has been read."""
        return not os.path.lexists(self.path) and not self._rest
