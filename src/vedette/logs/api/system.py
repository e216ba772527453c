"""The server about itself: readiness, configuration, services, build."""

from __future__ import annotations

import platform

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from vedette import __version__
from vedette.logs.api.context import Context
from vedette.logs.api.query import Handler
from vedette.logs.api.results import json_response

# Clients switch features on by this version: the release whose API this server speaks.
LOKI_VERSION = "3.5.0"
_SERVICES = ("server", "store", "ingester", "querier", "compactor", "tail")


def ready(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        if not context.ready:
            return PlainTextResponse("Ingester not ready: starting\n", 503)
        return PlainTextResponse("ready\n")

    return handle


def config(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        return PlainTextResponse(context.config.as_yaml(), media_type="text/plain")

    return handle


def services(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        state = "Running" if context.ready else "Starting"
        return PlainTextResponse("".join(f"{name} => {state}\n" for name in _SERVICES))

    return handle


def build_info(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        return json_response(
            {
                "version": LOKI_VERSION,
                "revision": f"vedette-{__version__}",
                "branch": "HEAD",
                "buildUser": "vedette",
                "buildDate": "",
                "goVersion": f"python{platform.python_version()}",
            }
        )

    return handle


def flush(context: Context) -> Handler:
    async def handle(request: Request) -> Response:
        await context.query(lambda check: context.store.seal_all())
        return Response(status_code=204)

    return handle
