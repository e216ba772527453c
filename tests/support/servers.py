"""Real PostgreSQL and Valkey for tests: the demo's own parts, on free ports, in a directory that goes away."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vedette.stack.demo.binaries import DemoPackageMissing
from vedette.stack.demo.layout import DemoLayout, open_layout
from vedette.stack.demo.postgres import PostgresPart
from vedette.stack.demo.valkey import ValkeyPart


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Running:
    """A part that runs, for tests that aren't asynchronous."""

    def __init__(self, part: PostgresPart | ValkeyPart, layout: DemoLayout, runner: asyncio.Runner) -> None:
        self.part, self.layout, self._runner = part, layout, runner

    def start(self) -> None:
        self._runner.run(self.part.start())

    def stop(self) -> None:
        self._runner.run(self.part.stop())


@contextmanager
def running(kind: type[PostgresPart] | type[ValkeyPart], programs: Path | None = None) -> Iterator[Running]:
    with tempfile.TemporaryDirectory() as directory, asyncio.Runner() as runner:
        layout = open_layout(Path(directory), database_port=free_port(), cache_port=free_port())
        try:
            part = kind(layout, programs) if programs else kind(layout)  # type: ignore[call-arg]
        except DemoPackageMissing as missing:
            pytest.skip(str(missing))
        server = Running(part, layout, runner)
        server.start()
        try:
            yield server
        finally:
            server.stop()
