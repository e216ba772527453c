"""Status, receivers, and the history of notifications."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from vedette import __version__
from vedette.alerts.api.answers import Refusal, answer, show_time
from vedette.alerts.api.filters import keeps, read_matchers
from vedette.alerts.state import Sent
from vedette.model.time import parse_api_time

if TYPE_CHECKING:
    from vedette.alerts.service import AlertsRole

_MAX_HISTORY = 10_000

# The Alertmanager whose API this is; clients compare it with their own version.
COMPATIBLE = "0.34.0"


def status(role: AlertsRole, request: Request) -> Response:
    return answer(
        {
            "cluster": {"peers": [], "status": "disabled"},
            "config": {"original": role.running.config.shown()},
            "uptime": show_time(role.started_at),
            "versionInfo": {
                "branch": "",
                "buildDate": "",
                "buildUser": "",
                "goVersion": f"python{platform.python_version()}",
                "revision": f"vedette-{__version__}",
                "version": COMPATIBLE,
            },
        }
    )


def receivers(role: AlertsRole, request: Request) -> Response:
    matchers = read_matchers(request, "receiver_matchers")
    found: list[dict[str, Any]] = []
    for receiver in role.running.config.receivers.values():
        if keeps(matchers, dict(receiver.labels)):
            labels = {"labels": dict(receiver.labels)} if receiver.labels else {}
            found.append({"name": receiver.name, **labels})
    return answer(found)


def history(role: AlertsRole, request: Request) -> Response:
    """Notifications that were tried, newest first: ``since`` (a time), ``limit`` and ``receiver`` narrow them."""
    params = request.query_params
    try:
        since = parse_api_time(params.get("since", "0")) * 10**6
        limit = min(int(params.get("limit", "1000")), _MAX_HISTORY)
    except ValueError as error:
        raise Refusal(400, str(error)) from None
    wanted = params.get("receiver")
    sent = role.shared.state.history(since=since, limit=limit)
    return answer([_shown(each) for each in sent if wanted is None or each.receiver == wanted])


def _shown(sent: Sent) -> dict[str, Any]:
    return {
        "at": show_time(sent.at),
        "receiver": sent.receiver,
        "integration": sent.integration,
        "groupKey": sent.group_key,
        "groupLabels": orjson.loads(sent.group_labels),
        "status": sent.status,
        "reason": sent.reason,
        "firing": sent.firing,
        "resolved": sent.resolved,
        "outcome": sent.outcome,
        "error": sent.error,
        "attempts": sent.attempts,
        "alerts": orjson.loads(sent.alerts),
    }
