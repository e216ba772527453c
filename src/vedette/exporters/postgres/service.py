"""The PostgreSQL exporter's role: ``/metrics`` for its own server, ``/probe?target=`` for any other."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.exporters.door import exporter_app, scrape_timeout
from vedette.exporters.faults import config_faults
from vedette.exporters.page import CONTENT_TYPE
from vedette.exporters.postgres.authentication import AuthModules, read_auth_modules
from vedette.exporters.postgres.collector import Choices
from vedette.exporters.postgres.registry import DEFAULT
from vedette.exporters.postgres.source import Source, SourceError, parse_source, source_from_environment
from vedette.web.errors import ApiError
from vedette.web.role import Listen

if TYPE_CHECKING:
    from vedette.exporters.postgres.scrape import PostgresScraper


@dataclass(frozen=True, kw_only=True)
class PostgresOptions:
    listen: Listen = field(default_factory=lambda: Listen("127.0.0.1", 9187))
    telemetry_path: str = "/metrics"
    # A data source name; empty: DATA_SOURCE_NAME, or DATA_SOURCE_URI, _USER and _PASS, of `environment`.
    source: str = field(default="", repr=False)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    collectors: Sequence[str] = DEFAULT
    choices: Choices = field(default_factory=Choices)
    config_file: Path | None = None  # auth_modules for /probe
    timeout_s: float = 10
    own_metrics: bool = True


class PostgresExporter:
    """Raises `ConfigError` when the data source name can't be read; a server that is down is no error."""

    name = "postgres-exporter"

    def __init__(self, options: PostgresOptions) -> None:
        self.options = options
        self.listen = options.listen
        with config_faults("postgres.dsn" if options.source else "DATA_SOURCE_NAME", SourceError):
            source = (
                parse_source(options.source)
                if options.source
                else source_from_environment(options.environment)
            )
        self._scraper = self._make_scraper(source) if source else None
        self._auth_modules: AuthModules = read_auth_modules(options.config_file)
        self.app = exporter_app(
            "postgres_exporter",
            self._scrape,
            title="Postgres Exporter",
            about="Metrics of a PostgreSQL server, under postgres_exporter's names.",
            telemetry_path=options.telemetry_path,
            links=[("/probe?target=localhost:5432", "Probe another server (target=host:port/database)")],
            routes=[Route("/probe", self._probe, methods=["GET"])],
            own_metrics=options.own_metrics,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scraper is not None:
            await self._scraper.close()

    async def reload(self) -> None:
        """Reads the file of auth modules again. Raises `ConfigError`."""
        self._auth_modules = await asyncio.to_thread(read_auth_modules, self.options.config_file)

    def _make_scraper(self, source: Source) -> PostgresScraper:
        # Here, because it loads the driver: an exporter without a server needs none.
        from vedette.exporters.postgres.scrape import PostgresScraper

        options = self.options
        return PostgresScraper(
            source, collectors=options.collectors, choices=options.choices, timeout_s=options.timeout_s
        )

    async def _scrape(self, request: Request) -> bytes:
        if self._scraper is None:  # an exporter for probes alone
            return b""
        return await self._scraper.scrape(scrape_timeout(request))

    async def _probe(self, request: Request) -> Response:
        target = request.query_params.get("target", "")
        if not target:
            raise ApiError(400, "bad_data", "target is required")
        module_name = request.query_params.get("auth_module", "")
        try:
            if not module_name:
                source = parse_source(target if "=" in target.split("?")[0] else _as_url(target))
            elif module_name in self._auth_modules:
                source = self._auth_modules[module_name].source(target)
            else:
                raise ApiError(404, "not_found", f"auth_module {module_name} not found")
        except SourceError as error:
            raise ApiError(400, "bad_data", f"target: {error}") from None
        scraper = self._make_scraper(source)
        try:
            body = await scraper.scrape(scrape_timeout(request))
        finally:
            await scraper.close()
        return Response(body, headers={"Content-Type": CONTENT_TYPE})


def _as_url(target: str) -> str:
    return target if "://" in target else f"postgresql://{target}"
