"""The containers exporter's role: every control group, every named process."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.requests import Request

from vedette.config.log import get_logger
from vedette.exporters.containers import cgroup, processes
from vedette.exporters.containers.docker import ContainerNames, container_id
from vedette.exporters.containers.usage import Identity, Usage, describe
from vedette.exporters.door import exporter_app
from vedette.exporters.faults import config_faults
from vedette.exporters.page import Family, Page
from vedette.web.role import Listen

CORES = Family("machine_cpu_cores", "gauge", "Number of logical CPU cores.")
MEMORY = Family("machine_memory_bytes", "gauge", "Amount of memory installed on the machine.")
SCRAPE_ERROR = Family(
    "container_scrape_error", "gauge", "1 if there was an error while getting container metrics, 0 otherwise"
)
CGROUP = "cgroup:"

log = get_logger("exporters.containers")


@dataclass(frozen=True, kw_only=True)
class ContainersOptions:
    """`names`: how to show what has no name of its own, by selector: see `processes`.

    {"automation-orchestrator-api": "port:8000", "backup": "cgroup:/system.slice/backup.service"}
    """

    listen: Listen = field(default_factory=lambda: Listen("127.0.0.1", 8080))
    telemetry_path: str = "/metrics"
    names: Mapping[str, str] = field(default_factory=dict)
    docker_only: bool = False  # leave out control groups that are no containers
    procfs: Path = Path("/proc")
    sysfs: Path = Path("/sys")
    cgroupfs: Path = Path("/sys/fs/cgroup")
    docker_socket: Path | None = None
    own_metrics: bool = True


class ContainersExporter:
    """Raises `ConfigError` for a name whose selector can't be read."""

    name = "containers-exporter"

    def __init__(self, options: ContainersOptions) -> None:
        self.options = options
        self.listen = options.listen
        self._groups = {
            selector.removeprefix(CGROUP): name
            for name, selector in options.names.items()
            if selector.startswith(CGROUP)
        }
        with config_faults("container_names", processes.SelectorError):
            self._processes = [
                processes.NamedProcess(name, selector)
                for name, selector in options.names.items()
                if not selector.startswith(CGROUP)
            ]
        self._containers = ContainerNames(options.docker_socket)
        self._root = cgroup.find_root(options.cgroupfs)
        self._worker: ThreadPoolExecutor | None = None
        self.app = exporter_app(
            "cadvisor",
            self._scrape,
            title="Containers",
            about="Metrics of containers and control groups (v2), under cAdvisor's names.",
            telemetry_path=options.telemetry_path,
            own_metrics=options.own_metrics,
        )

    async def __aenter__(self) -> Self:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="containers-exporter")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)
            self._worker = None

    async def reload(self) -> None:
        """Nothing to read again: everything is an option of the command."""

    async def _scrape(self, request: Request) -> bytes:
        loop = asyncio.get_running_loop()
        paths = await loop.run_in_executor(self._worker, self._paths)
        await self._containers.refresh([id for path in paths if (id := container_id(path))])
        return await loop.run_in_executor(self._worker, self._page, paths)

    def _paths(self) -> list[str]:
        if self._root is None:
            return []
        paths = cgroup.walk(self._root)
        if not self.options.docker_only:
            return list(paths)
        return [path for path in paths if container_id(path) or path in self._groups]

    def _page(self, paths: list[str]) -> bytes:
        page, now, failed = Page(), time.time(), False
        machine_memory = read_machine_memory(self.options.procfs)
        if self._root is not None:
            devices = read_devices(self.options.sysfs)
            for path in paths:
                usage = cgroup.parse(cgroup.read_group(self._root, path), devices)
                describe(page, self._identity(path), usage, now)
        if self._processes:
            try:
                self._describe_processes(page, now)
            except OSError as error:
                failed = True
                log.warning("processes can't be read", error=error)
        page.add(CORES, os.cpu_count() or 1)
        page.add(MEMORY, machine_memory)
        page.add(SCRAPE_ERROR, int(failed))
        return page.render()

    def _identity(self, path: str) -> Identity:
        who = self._containers.identity(path)
        return replace(who, name=self._groups[path]) if path in self._groups else who

    def _describe_processes(self, page: Page, now: float) -> None:
        stats = processes.read_stats(self.options.procfs)
        for process in self._processes:
            usage: Usage | None = process.usage(self.options.procfs, stats)
            if usage is not None:
                describe(page, Identity(f"/process/{process.name}", process.name), usage, now)


def read_machine_memory(procfs: Path) -> int:
    for line in (procfs / "meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return 0


def read_devices(sysfs: Path) -> dict[str, str]:
    """``8:0`` -> ``/dev/sda``."""
    devices: dict[str, str] = {}
    block = sysfs / "block"
    try:
        names = os.listdir(block)
    except OSError:
        return devices
    for name in names:
        number = cgroup.read(block / name, "dev").strip()
        if number:
            devices[number] = f"/dev/{name}"
    return devices
