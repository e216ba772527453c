"""Control groups, version 2: which there are, and what their files say."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from vedette.exporters.containers.usage import Usage

# Deeper groups belong to somebody's inner affairs; more than these are a machine gone wrong.
DEEPEST = 8
MOST = 2000


def find_root(cgroupfs: Path) -> Path | None:
    """Where version 2 with its controllers is mounted; None on a machine that has them under version 1."""
    for place in (cgroupfs, cgroupfs / "unified"):
        controllers = read(place, "cgroup.controllers")
        if "memory" in controllers.split():
            return place
    return None


def walk(root: Path) -> Iterator[str]:
    """Paths of the groups, ``/`` first."""
    pending, seen = [""], 0
    while pending and seen < MOST:
        path = pending.pop()
        seen += 1
        yield path or "/"
        if path.count("/") < DEEPEST:
            try:
                with os.scandir(root / path.lstrip("/")) as entries:
                    pending += sorted(
                        (f"{path}/{e.name}" for e in entries if e.is_dir(follow_symlinks=False)), reverse=True
                    )
            except OSError:
                continue  # gone since


def read(directory: Path, name: str) -> str:
    """A file of a group; empty where the group or its controller isn't there."""
    try:
        with open(directory / name, "rb", buffering=0) as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


FILES = (
    "cpu.stat",
    "cpu.max",
    "cpu.weight",
    "memory.current",
    "memory.stat",
    "memory.max",
    "memory.low",
    "memory.peak",
    "memory.swap.current",
    "memory.swap.max",
    "memory.events",
    "pids.current",
    "pids.max",
    "cgroup.procs",
    "io.stat",
    "cpu.pressure",
    "memory.pressure",
    "io.pressure",
)


def read_group(root: Path, path: str) -> dict[str, str]:
    """The text of every file we know; absent ones are empty."""
    directory = root / path.lstrip("/")
    return {name: read(directory, name) for name in FILES}


def parse(files: Mapping[str, str], devices: Mapping[str, str]) -> Usage:
    """`devices` gives names to ``major:minor``."""
    cpu, memory = flat(files["cpu.stat"]), flat(files["memory.stat"])
    events = flat(files["memory.events"])
    quota, _, period = files["cpu.max"].strip().partition(" ")
    current = number(files["memory.current"])
    inactive = memory.get("inactive_file", 0)
    weight = number(files["cpu.weight"])
    return Usage(
        cpu_seconds=micro(cpu.get("usage_usec")),
        cpu_user_seconds=micro(cpu.get("user_usec")),
        cpu_system_seconds=micro(cpu.get("system_usec")),
        cpu_periods=cpu.get("nr_periods") if quota.isdigit() else None,
        cpu_throttled_periods=cpu.get("nr_throttled") if quota.isdigit() else None,
        cpu_throttled_seconds=micro(cpu.get("throttled_usec")) if quota.isdigit() else None,
        cpu_quota=number(quota),
        cpu_period=number(period),
        # As cAdvisor has it: the shares (2 to 262144) that this weight (1 to 10000) was made from.
        cpu_weight=None if weight is None else 2 + (weight - 1) * 262142 // 9999,
        memory_usage=current,
        memory_working_set=None if current is None else max(0, current - inactive),
        memory_rss=memory.get("anon"),
        memory_cache=memory.get("file"),
        memory_mapped_file=memory.get("file_mapped"),
        memory_swap=number(files["memory.swap.current"]),
        memory_peak=number(files["memory.peak"]),
        memory_limit=limit(files["memory.max"]),
        memory_reservation=limit(files["memory.low"]),
        swap_limit=limit(files["memory.swap.max"]),
        page_faults=memory.get("pgfault"),
        major_page_faults=memory.get("pgmajfault"),
        memory_limit_hits=events.get("max"),
        oom_events=events.get("oom_kill"),
        processes=len(files["cgroup.procs"].split()) if files["cgroup.procs"] else None,
        threads=number(files["pids.current"]),
        threads_max=limit(files["pids.max"]),
        disks=parse_io(files["io.stat"], devices),
        pressure={
            resource: parsed
            for resource in ("cpu", "memory", "io")
            if (parsed := parse_pressure(files[f"{resource}.pressure"])) is not None
        },
    )


def flat(text: str) -> dict[str, int]:
    """Lines ``key number``."""
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}


def number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdigit() else None


def limit(text: str) -> int | None:
    """``max`` is 0: no limit. None where there is no file."""
    return 0 if text.strip() == "max" else number(text)


def micro(value: int | None) -> float | None:
    return None if value is None else value / 1e6


def parse_io(
    text: str, devices: Mapping[str, str]
) -> dict[str, tuple[int | None, int | None, int | None, int | None]]:
    """``8:0 rbytes=1 wbytes=2 rios=3 wios=4 ...`` by device."""
    disks: dict[str, tuple[int | None, int | None, int | None, int | None]] = {}
    for line in text.splitlines():
        device, *pairs = line.split()
        values = {
            key: int(value) for key, _, value in (pair.partition("=") for pair in pairs) if value.isdigit()
        }
        if values:
            disks[devices.get(device, device)] = (
                values.get("rbytes"),
                values.get("wbytes"),
                values.get("rios"),
                values.get("wios"),
            )
    return disks


def parse_pressure(text: str) -> tuple[float | None, float | None] | None:
    """(seconds waiting, seconds stalled); None without pressure information."""
    totals: dict[str, float] = {}
    for line in text.splitlines():
        kind, *words = line.split()
        totals[kind] = int(words[-1].removeprefix("total=")) / 1e6
    return (totals.get("some"), totals.get("full")) if totals else None
