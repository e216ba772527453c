"""The ship role: reads files, sends their lines, and says what it follows."""

from __future__ import annotations

import asyncio
import contextlib
import html
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from vedette.config.document import read_document
from vedette.config.log import get_logger
from vedette.config.paths import resolve_path
from vedette.config.problems import ConfigError
from vedette.ship.config import ShipConfig, load
from vedette.ship.entries import Batch, Mark
from vedette.ship.metrics import ShipMetrics
from vedette.ship.positions import Position, Positions
from vedette.ship.push import Pusher, shown_url
from vedette.ship.targets import DroppedTarget, Target, Watch, make_targets
from vedette.web.app import create_app
from vedette.web.errors import plain_error
from vedette.web.role import Listen
from vedette.web.selfmetrics import new_registry

log = get_logger("ship")

NOT_READY = (
    "Not ready: Unable to find any logs to tail. Please verify permissions, volumes, scrape_config, etc.\n"
)


@dataclass(frozen=True, slots=True)
class ShipOptions:
    """`listen` None takes the address of the file's ``server`` block."""

    config_file: Path
    listen: Listen | None = None
    # How long a stop may wait for a server that is slow to take the last lines.
    stop_grace_s: float = 3.0


class ShipRole:
    name = "ship"

    def __init__(self, options: ShipOptions) -> None:
        self.options = options
        self.registry = new_registry("promtail")
        self.metrics = ShipMetrics(self.registry)
        self.config = self._read()
        server = self.config.server
        self.listen = options.listen or Listen(
            server.http_listen_address or "127.0.0.1", server.http_listen_port
        )
        self.dropped: list[DroppedTarget] = []
        self._watch: Watch | None = None
        self._positions: Positions | None = None
        self._pushers: list[Pusher] = []
        self._measured: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._reading: asyncio.Future[list[tuple[Target, Batch]]] | None = None
        self.app: ASGIApp = create_app(
            "promtail", self._routes(), registry=self.registry, on_error=plain_error
        )

    def _read(self) -> ShipConfig:
        return load(read_document(self.options.config_file))

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._finish()

    async def reload(self) -> None:
        """Reads the file again and starts over with it. Raises `ConfigError`; the old one keeps running then."""
        try:
            config = self._read()
        except ConfigError:
            self.metrics.reload_fail.inc()
            raise
        await self._finish()
        self.config = config
        await self._start()
        self.metrics.reload_success.inc()

    async def _start(self) -> None:
        positions = self.config.positions
        self._positions = Positions(
            Path(resolve_path(positions.filename)), ignore_invalid=positions.ignore_invalid_yaml
        )
        targets, self.dropped = make_targets(self.config.scrape_configs)
        for gone in self.dropped:
            log.warning("target dropped", job=gone.job, reason=gone.reason)
        self.metrics.targets_active.set(len(targets))
        self._watch = Watch(targets, self._positions)
        base = self.options.config_file.parent
        self._pushers = [
            Pusher(client, base_dir=base, metrics=self.metrics, on_done=self._done)
            for client in self.config.all_clients
        ]
        for pusher in self._pushers:
            await pusher.start()
        self._task = asyncio.create_task(self._run(self._watch), name="ship")

    async def _finish(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._reading is not None:
            # The files belong to the reading thread until it is done; what it read will be read again.
            await asyncio.wait([self._reading])
        await asyncio.gather(*(pusher.stop(self.options.stop_grace_s) for pusher in self._pushers))
        if self._watch is not None:
            self._watch.close()
        self._save()

    def _done(self, mark: Mark) -> None:
        mark.waiting -= 1
        if mark.waiting <= 0 and self._positions is not None:
            self._positions.set(mark.path, Position(mark.offset, mark.inode, mark.device))

    def _save(self) -> None:
        try:
            if self._positions is not None:
                self._positions.save()
        except OSError as error:
            log.error(
                "positions can't be saved", path=self._positions.path if self._positions else "", error=error
            )

    async def _run(self, watch: Watch) -> None:
        """Reads in a worker thread, hands over in the loop; looks for files and saves positions now and then."""
        loop = asyncio.get_running_loop()
        poll_s = self.config.global_.file_watch_config.min_poll_frequency / 1e9
        sync_s = min(self.config.target_config.sync_period / 1e9, 10.0)
        save_s = self.config.positions.sync_period / 1e9
        next_sync = next_save = 0.0
        while True:
            now = loop.time()
            if now >= next_sync:
                await asyncio.to_thread(watch.sync)
                self._measure(watch.targets)
                next_sync = now + sync_s
            self._reading = asyncio.ensure_future(asyncio.to_thread(lambda: list(watch.read())))
            batches = await asyncio.shield(self._reading)
            for _, batch in batches:
                for mark in batch.marks:
                    mark.waiting = len(self._pushers)
                    self.metrics.read_lines.labels(mark.path).inc(len(batch))
                for pusher in self._pushers:
                    await pusher.put(batch)
            if loop.time() >= next_save:
                self._save()
                next_save = loop.time() + save_s
            if not batches:
                await asyncio.sleep(poll_s)

    def _measure(self, targets: list[Target]) -> None:
        followers = [follower for target in targets for follower in target.followers.values()]
        self.metrics.files_active.set(len(followers))
        paths = {follower.path for follower in followers}
        for gone in self._measured - paths:
            self.metrics.forget_path(gone)
        self._measured = paths
        for follower in followers:
            self.metrics.read_bytes.labels(follower.path).set(follower.offset)
            self.metrics.file_bytes.labels(follower.path).set(follower.size)

    def _routes(self) -> list[Route]:
        return [
            Route("/", self._index),
            Route("/ready", self._ready),
            Route("/targets", self._targets),
            Route("/config", self._show_config),
            Route("/reload", self._reload, methods=["POST", "PUT"]),
        ]

    async def _index(self, request: Request) -> Response:
        return RedirectResponse("/targets")

    async def _ready(self, request: Request) -> Response:
        following = self._watch is not None and any(target.followers for target in self._watch.targets)
        if self.config.server.health_check_target and not following:
            return PlainTextResponse(NOT_READY, 500)
        return PlainTextResponse("Ready\n")

    async def _show_config(self, request: Request) -> Response:
        shown = self.config.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        for client in shown.get("clients", []):
            client["url"] = shown_url(client["url"])
        return PlainTextResponse(yaml.safe_dump(shown, sort_keys=False), media_type="text/plain")

    async def _reload(self, request: Request) -> Response:
        if not self.config.server.enable_runtime_reload:
            return PlainTextResponse("runtime reload is off; set server.enable_runtime_reload: true\n", 403)
        try:
            await self.reload()
        except ConfigError as error:
            return PlainTextResponse(f"failed to reload config: {error}\n", 500)
        return PlainTextResponse("")

    def describe(self) -> list[dict[str, object]]:
        """What is followed, as the targets page and the dashboards show it."""
        targets = self._watch.targets if self._watch is not None else []
        return [
            {
                "job": target.job,
                "path": target.pattern,
                "labels": target.labels,
                "files": [
                    {"path": f.path, "offset": f.offset, "size": f.size} for f in target.followers.values()
                ],
            }
            for target in targets
        ]

    async def _targets(self, request: Request) -> Response:
        if "application/json" in request.headers.get("accept", ""):
            clients = [{"url": shown_url(p.config.url), "lastError": p.last_error} for p in self._pushers]
            dropped = [{"job": d.job, "labels": d.discovered, "reason": d.reason} for d in self.dropped]
            return JSONResponse({"targets": self.describe(), "clients": clients, "dropped": dropped})
        return HTMLResponse(_page(self.describe(), self.dropped))


def _page(targets: list[dict[str, object]], dropped: list[DroppedTarget]) -> str:
    rows = []
    for target in targets:
        files = target["files"]
        assert isinstance(files, list)
        listed = "<br>".join(f"{html.escape(f['path'])} ({f['offset']} of {f['size']} bytes)" for f in files)
        cells = (str(target["job"]), str(target["path"]), str(target["labels"]))
        shown = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        rows.append(f"<tr>{shown}<td>{listed or 'no file matches'}</td></tr>")
    rows += [
        f"<tr><td>{html.escape(d.job)}</td><td colspan=3>{html.escape(d.reason)}</td></tr>" for d in dropped
    ]
    style = (
        "body{font:14px sans-serif;margin:2rem}td,th{text-align:left;padding:.3rem .8rem;vertical-align:top}"
    )
    head = "<tr><th>Job</th><th>Path</th><th>Labels</th><th>Files</th></tr>"
    return f"<!doctype html><title>Targets</title><style>{style}</style><h1>Targets</h1><table>{head}{''.join(rows)}</table>"
