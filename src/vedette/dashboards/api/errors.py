"""Grafana's error shape: `{"message": ...}`."""

from __future__ import annotations

import orjson
from starlette.responses import Response

from vedette.web.errors import ApiError


def grafana_error(error: ApiError) -> Response:
    """The answer for a refused request."""
    body = {"message": error.message}
    if error.type:
        body["status"] = error.type
    return Response(orjson.dumps(body), error.status, media_type="application/json")


def json(body: object, status: int = 200) -> Response:
    """`body` as JSON, never cached."""
    return Response(
        orjson.dumps(body), status, media_type="application/json", headers={"Cache-Control": "no-store"}
    )
