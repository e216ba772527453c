"""What `vedette up` decided, handed to the process that watches over it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from vedette.stack.supervisor import Door, ProcessSpec, State


@dataclass(frozen=True, slots=True)
class Plan:
    title: str
    notes: Sequence[str]
    processes: Sequence[ProcessSpec]
    log_dir: str
    open_url: str = ""
    log_level: str = "info"


def write_plan(plan: Plan) -> bytes:
    return json.dumps(asdict(plan)).encode()


def read_plan(body: bytes) -> Plan:
    """The plan in `body`, as `write_plan` wrote it."""
    data = json.loads(body)
    processes = [
        ProcessSpec(
            name=spec["name"],
            argv=spec["argv"],
            env=spec["env"],
            stores=spec["stores"],
            doors=[Door(**{**door, "state": State.STARTING}) for door in spec["doors"]],
        )
        for spec in data.pop("processes")
    ]
    return Plan(processes=processes, **data)
