"""The Redis exporter's role: ``/metrics`` for its own server, ``/scrape?target=`` for any other."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from vedette.exporters.door import exporter_app, scrape_timeout
from vedette.exporters.faults import config_faults
from vedette.exporters.page import CONTENT_TYPE, Family, Page
from vedette.exporters.redis.address import (
    Address,
    AddressError,
    Credentials,
    parse_address,
    read_password_file,
)
from vedette.exporters.redis.scrape import Choices, RedisScraper
from vedette.web.errors import ApiError
from vedette.web.role import Listen

REFUSED_TARGETS = Family(
    "redis_target_scrape_request_errors_total", "counter", "Errors in requests to the exporter"
)
DEFAULT_ADDRESS = "redis://localhost:6379"


@dataclass(frozen=True, kw_only=True)
class RedisOptions:
    """Empty fields are looked up in `environment`: REDIS_ADDR, REDIS_USER, REDIS_PASSWORD, REDIS_PASSWORD_FILE."""

    listen: Listen = field(default_factory=lambda: Listen("127.0.0.1", 9121))
    telemetry_path: str = "/metrics"
    address: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    password_file: Path | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    choices: Choices = field(default_factory=Choices)
    timeout_s: float = 15
    verify_tls: bool = True
    own_metrics: bool = True


class RedisExporter:
    """Raises `ConfigError` when the address can't be read; a server that is down is no error."""

    name = "redis-exporter"

    def __init__(self, options: RedisOptions) -> None:
        self.options = options
        self.listen = options.listen
        env = options.environment
        file = options.password_file or (
            Path(env["REDIS_PASSWORD_FILE"]) if env.get("REDIS_PASSWORD_FILE") else None
        )
        with config_faults("redis.address" if options.address else "REDIS_ADDR", AddressError):
            self._credentials = Credentials(
                options.user or env.get("REDIS_USER", ""),
                options.password or env.get("REDIS_PASSWORD", ""),
                read_password_file(file) if file else {},
            )
            own = self._parse(options.address or env.get("REDIS_ADDR") or DEFAULT_ADDRESS)
        self._scraper = self._make_scraper(own)
        self._refused_targets = 0
        self.app = exporter_app(
            "redis_exporter",
            self._scrape,
            title="Redis Exporter",
            about="Metrics of a Redis or Valkey server, under redis_exporter's names.",
            telemetry_path=options.telemetry_path,
            links=[
                ("/scrape?target=redis://localhost:6379", "Scrape another server (target=redis://host:port)")
            ],
            routes=[
                Route("/scrape", self._probe, methods=["GET"]),
                Route("/probe", self._probe, methods=["GET"]),
                Route("/health", _health, methods=["GET"]),
            ],
            own_metrics=options.own_metrics,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._scraper.close()

    async def reload(self) -> None:
        """Nothing to read again: everything is an option of the command."""

    def _parse(self, text: str) -> Address:
        return parse_address(text, self._credentials, verify_tls=self.options.verify_tls)

    def _make_scraper(self, address: Address) -> RedisScraper:
        return RedisScraper(address, choices=self.options.choices, timeout_s=self.options.timeout_s)

    async def _scrape(self, request: Request) -> bytes:
        page = Page()
        page.add(REFUSED_TARGETS, self._refused_targets)
        return await self._scraper.scrape(scrape_timeout(request)) + page.render()

    async def _probe(self, request: Request) -> Response:
        target = request.query_params.get("target", "")
        try:
            if not target:
                raise AddressError("'target' parameter must be specified")
            scraper = self._make_scraper(self._parse(target))
        except AddressError as error:
            self._refused_targets += 1
            raise ApiError(400, "bad_data", str(error)) from None
        try:
            body = await scraper.scrape(scrape_timeout(request))
        finally:
            await scraper.close()
        return Response(body, headers={"Content-Type": CONTENT_TYPE})


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok")
