"""The node exporter's role: collectors run on one worker thread, one scrape after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from starlette.requests import Request

from vedette.exporters.collector import CollectorRunner, SelfReport
from vedette.exporters.door import exporter_app
from vedette.exporters.node.host import Host
from vedette.exporters.node.registry import COLLECTORS, DEFAULT, make_collectors
from vedette.exporters.page import Page
from vedette.web.errors import ApiError
from vedette.web.role import Listen


@dataclass(frozen=True, kw_only=True)
class NodeOptions:
    listen: Listen = field(default_factory=lambda: Listen("127.0.0.1", 9100))
    telemetry_path: str = "/metrics"
    host: Host = field(default_factory=Host)
    collectors: Sequence[str] = DEFAULT
    max_requests: int = 40  # scrapes at once; 0: any number
    own_metrics: bool = True  # process_*, node_exporter_*


class NodeExporter:
    """``async with NodeExporter(options)`` and serve `app`; ``scrape_page()`` is a scrape without HTTP."""

    name = "node-exporter"

    def __init__(self, options: NodeOptions) -> None:
        self.options = options
        self.listen = options.listen
        collectors = make_collectors(options.host, options.collectors)
        self._runner = CollectorRunner(collectors, SelfReport("node", "node_exporter"))
        # One thread: collectors keep state between scrapes, and a slow mount must not hold up the event loop.
        self._worker: ThreadPoolExecutor | None = None
        self.app = exporter_app(
            "node_exporter",
            self._scrape,
            title="Node Exporter",
            about="Metrics of this machine, under node_exporter's names.",
            telemetry_path=options.telemetry_path,
            own_metrics=options.own_metrics,
            max_at_once=options.max_requests,
        )

    async def __aenter__(self) -> Self:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="node-exporter")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._worker is not None:
            self._worker.shutdown(wait=False, cancel_futures=True)
            self._worker = None

    async def reload(self) -> None:
        """Nothing to read again: everything is an option of the command."""

    def scrape_page(self, names: list[str] | None = None) -> bytes:
        page = Page()
        self._runner.run(page, names)
        return page.render()

    async def _scrape(self, request: Request) -> bytes:
        names = self._chosen(request)
        return await asyncio.get_running_loop().run_in_executor(self._worker, self.scrape_page, names)

    def _chosen(self, request: Request) -> list[str] | None:
        """The collectors that ``?collect[]=`` or ``?exclude[]=`` ask for; None: all."""
        collect = request.query_params.getlist("collect[]")
        exclude = request.query_params.getlist("exclude[]")
        if not collect and not exclude:
            return None
        if collect and exclude:
            raise ApiError(
                400, "bad_data", "Combined collect and exclude queries are not allowed; give one of the two."
            )
        for name in (*collect, *exclude):
            if name not in self._runner.collectors:
                state = "disabled" if name in COLLECTORS else "missing"
                raise ApiError(
                    400, "bad_data", f"Couldn't create filtered metrics handler: {state} collector: {name}"
                )
        return [
            name for name in self._runner.collectors if (name in collect if collect else name not in exclude)
        ]
