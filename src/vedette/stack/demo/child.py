"""A server process that is ours: started in its own session, stopped by signal, dead when we die."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")


class ChildFailed(Exception):
    """The program ended by itself. `str()` has the end of what it said."""


class Child:
    """One program, started and stopped any number of times. Its output goes to the end of `log_file`."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        log_file: Path,
        *,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.argv = [str(part) for part in argv]
        self.log_file = log_file
        self._env = env
        self._user = user
        self._stop_signal = stop_signal
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self.running and self._process is not None else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        if self.running:
            return
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(self._stop_signal))),
                *(self._user or "-", *self.argv),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(self._env or {})},
                start_new_session=True,
            )

    async def stop(self, grace_s: float = 3.0) -> None:
        """Signal, then SIGKILL after the grace. Returns when the process is gone."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(self._stop_signal)
        try:
            await asyncio.wait_for(process.wait(), grace_s)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def wait(self) -> int:
        """The exit code, when it ends; -1 if it was never started."""
        return await self._process.wait() if self._process is not None else -1

    def check(self) -> None:
        """Raises `ChildFailed` if the program has ended."""
        if self._process is not None and self._process.returncode is not None:
            raise ChildFailed(f"ended with code {self._process.returncode}: {self.last_words()}")

    def last_words(self, lines: int = 5) -> str:
        try:
            text = self.log_file.read_bytes()[-4096:].decode("utf-8", "replace")
        except OSError:
            return ""
        return " | ".join(text.strip().splitlines()[-lines:])
