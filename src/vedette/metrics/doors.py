"""Every door of the role that needs the store."""

from __future__ import annotations

import os
import platform
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from vedette import __version__
from vedette.metrics.api import (
    admin,
    alertmanagers,
    federate,
    metadata,
    query,
    rules,
    series,
    status,
    targets,
    write,
)
from vedette.metrics.api.late import under
from vedette.metrics.remote.receive import RemoteWriteReceiver
from vedette.model.time import format_duration, format_rfc3339
from vedette.web.prompt import PromptDoor

if TYPE_CHECKING:
    from vedette.metrics.running import Running

BUILD = {
    "version": __version__,
    "revision": "",
    "branch": "",
    "buildUser": "",
    "buildDate": "",
    "goVersion": f"python{platform.python_version()}",
    "application": "Vedette",
}


def make_doors(running: Running) -> list[Route]:
    options, workers, store = running.options, running.workers, running.store
    api = [
        *query.routes(running.answers, running.runner, now=now_ms),
        *series.routes(store, workers, running.answers.pace),
        *metadata.routes(running.scraping.metadata),
        *targets.routes(running.scraping),
        *rules.routes(lambda: running.rules.groups),
        *alertmanagers.routes(lambda: running.notifier.urls, lambda: running.alertmanagers.dropped),
        *status.routes(_status_source(running), workers),
        *write.routes(
            RemoteWriteReceiver(store),
            workers,
            running.registry,
            enabled=options.enable_remote_write_receiver,
        ),
        *admin.routes(store, workers, enabled=options.enable_admin_api),
    ]
    outside = federate.routes(
        store,
        workers,
        lookback=options.lookback,
        now=now_ms,
        external_labels=lambda: running.external_labels,
    )
    return [*under(f"{options.prefix}/api/v1", api), *under(options.prefix, outside)]


def make_prompt_doors(running: Running) -> dict[str, PromptDoor]:
    """The doors whose small questions are answered on the event loop."""
    prefix = f"{running.options.prefix}/api/v1"
    doors = {
        **query.prompt_doors(running.answers, running.runner, now=now_ms),
        **series.prompt_doors(running.store, running.answers.pace),
        **metadata.prompt_doors(running.scraping.metadata),
    }
    return {f"{prefix}{path}": door for path, door in doors.items()}


def now_ms() -> int:
    return time.time_ns() // 10**6


def _status_source(running: Running) -> status.StatusSource:
    store = running.store
    return status.StatusSource(
        config=lambda: "" if running.loaded is None else running.loaded.config.text,
        flags=running.options.flags,
        runtime=lambda: _runtime(running),
        build=BUILD,
        tsdb=store.status,
        blocks=lambda: [block.meta.to_json() for block in store.blocks()],
        replay=store.wal_replay_status,
        features={"promql": dict.fromkeys(sorted(running.options.features), True)},
    )


def _runtime(running: Running) -> dict[str, Any]:
    watched = running.config_metrics
    return {
        "startTime": format_rfc3339(int(running.started_s * 1e9)),
        "CWD": os.getcwd(),
        "hostname": socket.gethostname(),
        "serverTime": format_rfc3339(time.time_ns()),
        "reloadConfigSuccess": watched.succeeded,
        "lastConfigTime": format_rfc3339(int(watched.last_success_s) * 10**9),
        "corruptionCount": running.store.events.corruptions,
        "goroutineCount": threading.active_count(),
        "GOMAXPROCS": os.cpu_count() or 1,
        "GOMEMLIMIT": 0,
        "GOGC": "",
        "GODEBUG": "",
        "storageRetention": _retention(running),
    }


def _retention(running: Running) -> str:
    options = running.store.options
    parts = [format_duration(options.retention_time)] if options.retention_time else []
    if options.retention_size:
        parts.append(f"{options.retention_size}B")
    return " or ".join(parts)
