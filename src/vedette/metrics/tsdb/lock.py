"""One process at a time may hold a data directory."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from vedette.metrics.contract import StorageError


class DirectoryLock:
    """The file `lock` of a data directory, locked as the original locks it. Released by `release` or death.

    `clean` says whether the process before left by itself: it removes the file then.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / "lock"
        self.clean = not self._path.exists()
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StorageError(f"{self._path}: {error.strerror}") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._fd)
            raise StorageError(
                f"the data directory {directory} is in use by another process (it holds {self._path.name})"
            ) from error

    def release(self) -> None:
        if self._fd >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._fd)
            self._fd = -1
