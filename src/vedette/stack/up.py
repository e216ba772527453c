"""`vedette up`: checks a project, starts its processes and stays with them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from vedette.client import aliases
from vedette.config import paths
from vedette.stack.plan import Plan, write_plan
from vedette.stack.project import Project
from vedette.stack.supervisor import Door, ProcessSpec
from vedette.stack.wiring import HEAVY, LIGHT, READY_PATHS, STANDS_FOR, data_dirs, roles_of
from vedette.web.role import SUPERVISED, AddressInUse, Listen, bind


@dataclass(frozen=True, slots=True)
class UpOptions:
    project: Project
    demo: bool = False
    open_browser: bool = False
    log_level: str = "info"


def environment(project: Project) -> dict[str, str]:
    """What every process of the stack gets besides its parent's environment."""
    return {
        SUPERVISED: "1",
        aliases.VARIABLE: aliases.write(project.settings.all_host_aliases()),
        paths.VARIABLE: paths.write(project.path_aliases()),
        # One arena a thread would cost more memory than it saves time.
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",
        # None is used, and looking for some reads the metadata of every installed package.
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "PYTHONUNBUFFERED": "1",
    }


def make_specs(project: Project, *, log_level: str = "info") -> list[ProcessSpec]:
    """The processes of a project: the heavy roles have one each, the light ones share one."""
    roles = roles_of(project)
    groups = [(role, [role]) for role in HEAVY if role in roles]
    light = [role for role in LIGHT if role in roles]
    if light:
        groups.append(("light", light))
    argv = [sys.executable, "-m", "vedette.stack.run", "--project", str(project.root)]
    argv += ["--data-dir", str(project.data_dir), "--log-level", log_level]
    return [
        ProcessSpec(name, [*argv, *members], {}, [_door(project, m) for m in members], stores=name in HEAVY)
        for name, members in groups
    ]


def _door(project: Project, role: str) -> Door:
    host, port = project.settings.address(role)
    return Door(role, host, port, READY_PATHS[role], STANDS_FOR[role])


def taken_addresses(specs: Sequence[ProcessSpec]) -> list[str]:
    """A sentence for every door whose address another program has."""
    said = []
    for spec in specs:
        for door in spec.doors:
            try:
                bind(Listen(door.host, door.port), role=door.role).close()
            except AddressInUse as error:
                said.append(str(error))
    return said


def check_in_child(root: Path, console: Console, env: Mapping[str, str] | None = None) -> bool:
    """Runs `vedette check` in a process of its own, so that this one stays small. False when there are errors."""
    given = {**os.environ, **(env or {})}
    given.pop(SUPERVISED, None)
    done = subprocess.run(
        [sys.executable, "-m", "vedette", "check", "--quiet", str(root)],
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    text = (done.stdout + done.stderr).strip()
    if text:
        console.print(text, highlight=False, markup=False, soft_wrap=True)
    return done.returncode == 0


def run_up(options: UpOptions, console: Console) -> int:
    """Checks everything, then becomes the process that watches over the stack; the exit code if it comes to none."""
    project = options.project
    if not check_in_child(project.root, console, environment(project)):
        return 1
    extra: Sequence[ProcessSpec] = ()
    more_env: Mapping[str, str] = {}
    if options.demo:
        from vedette.stack.with_demo import add_demo

        demo = add_demo(project)
        project, extra, more_env = demo.project, demo.processes, demo.env
    env = {**environment(project), **more_env}
    specs = [
        replace(spec, env=env | dict(spec.env))
        for spec in [*make_specs(project, log_level=options.log_level), *extra]
    ]
    taken = taken_addresses(specs)
    if taken:
        for sentence in taken:
            console.print(sentence, highlight=False, soft_wrap=True)
        console.print(
            "another address goes into vedette.yml under listen: {role: host:port}", highlight=False
        )
        return 1
    try:
        for folder in data_dirs(project):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        console.print(
            f"{error.filename}: the data directory can't be made: {error.strerror}", highlight=False
        )
        return 1
    return _become_watcher(replace(options, project=project), specs)


def _become_watcher(options: UpOptions, specs: Sequence[ProcessSpec]) -> NoReturn:
    """Hands the plan to a fresh process in this one's place: what reading and checking needed is not needed for watching."""
    project = options.project
    plan = Plan(
        title=f"{project.root}  data in {project.data_dir}",
        notes=_notes(options),
        processes=list(specs),
        log_dir=str(project.data_dir / "log"),
        open_url=f"http://{project.settings.door('dashboards')}" if options.open_browser else "",
        log_level=options.log_level,
    )
    place = project.data_dir / "log" / "plan.json"
    place.touch(mode=0o600)
    place.write_bytes(write_plan(plan))
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "vedette.stack.watch", str(place)])


def _notes(options: UpOptions) -> list[str]:
    project = options.project
    notes = []
    if project.settings.enabled("dashboards"):
        notes.append(f"dashboards: http://{project.settings.door('dashboards')}")
    if options.demo:
        notes.append(f"application: http://{project.settings.door('api')}")
        notes.append(f"notifications: http://{project.settings.door('inbox')}")
    notes.append(f"logs of each process: {project.data_dir / 'log'}")
    return notes
