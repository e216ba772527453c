"""``/api/v2/silences`` and ``/api/v2/silence/{id}``"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from vedette.alerts.api.answers import (
    INVALID_TYPE,
    MIN_ITEMS,
    Refusal,
    answer,
    coded,
    flag,
    missing,
    read_json,
    read_time,
    show_time,
    typed,
    unparsable,
)
from vedette.alerts.api.filters import keeps, read_matchers
from vedette.alerts.silences import Silence, SilenceError, SilenceNotFound, State, make_matchers
from vedette.model.labels import Matcher, MatchOp

if TYPE_CHECKING:
    from vedette.alerts.service import AlertsRole

_NEEDED = ("comment", "createdBy", "endsAt", "matchers", "startsAt")


def shown(silence: Silence, state: State) -> dict[str, Any]:
    out: dict[str, Any] = {
        "id": silence.id,
        "status": {"state": state},
        "updatedAt": show_time(silence.updated_at),
        "comment": silence.comment,
        "createdBy": silence.created_by,
        "endsAt": show_time(silence.ends_at),
        "matchers": [_shown_matcher(matcher) for matcher in silence.matchers],
        "startsAt": show_time(silence.starts_at),
    }
    if silence.annotations:
        out["annotations"] = dict(silence.annotations)
    return out


def _shown_matcher(matcher: Matcher) -> dict[str, Any]:
    return {
        "isEqual": not matcher.op.negative,
        "isRegex": matcher.op in (MatchOp.REGEX, MatchOp.NOT_REGEX),
        "name": matcher.name,
        "value": matcher.value,
    }


def list_silences(role: AlertsRole, request: Request) -> Response:
    """Active ones by their end, pending ones by their start, expired ones newest first."""
    matchers, now = read_matchers(request), role.clock.now()
    by_state: dict[State, list[Silence]] = {"active": [], "pending": [], "expired": []}
    for silence in role.shared.silences:
        if keeps(matchers, {matcher.name: matcher.value for matcher in silence.matchers}):
            by_state[silence.state(now)].append(silence)
    by_state["active"].sort(key=lambda s: (s.ends_at, s.id))
    by_state["pending"].sort(key=lambda s: (s.starts_at, s.id))
    by_state["expired"].sort(key=lambda s: (-s.ends_at, s.id))
    return answer(
        [
            shown(silence, state)
            for state, found in by_state.items()
            if flag(request, state)
            for silence in found
        ]
    )


def _id(request: Request) -> str:
    given: str = request.path_params["silence_id"]
    try:
        return str(uuid.UUID(given))
    except ValueError:
        raise coded(422, INVALID_TYPE, f'silenceID in path must be of type uuid: "{given}"') from None


def get_silence(role: AlertsRole, request: Request) -> Response:
    try:
        silence = role.shared.silences.get(_id(request))
    except SilenceNotFound:
        raise Refusal(404, None) from None
    return answer(shown(silence, silence.state(role.clock.now())))


def delete_silence(role: AlertsRole, request: Request) -> Response:
    try:
        role.shared.silences.expire(_id(request))
    except SilenceNotFound as error:
        raise Refusal(404, str(error)) from None
    return Response(status_code=200)


async def post_silence(role: AlertsRole, request: Request) -> Response:
    body = await read_json(request, "silence")
    body = {} if body is None else body
    if not isinstance(body, dict):
        raise unparsable("silence", "it is not a silence")
    absent = [name for name in _NEEDED if body.get(name) in (None, "")]
    if absent:
        raise missing(absent)
    given, now = _read(body), role.clock.now()
    if given.starts_at >= given.ends_at:
        raise Refusal(400, "Failed to create silence: start time must be before end time")
    if given.ends_at < now:
        raise Refusal(400, "Failed to create silence: end time can't be in the past")
    try:
        return answer({"silenceID": role.shared.silences.set(given)})
    except SilenceNotFound as error:
        raise Refusal(404, str(error)) from None
    except SilenceError as error:
        raise Refusal(400, str(error)) from None


def _read(body: dict[str, Any]) -> Silence:
    matchers = body["matchers"]
    if not isinstance(matchers, list) or not all(isinstance(m, dict) for m in matchers):
        raise unparsable("silence", "matchers must be a list")
    if not matchers:
        raise coded(422, MIN_ITEMS, "matchers in body should have at least 1 items")
    absent = [
        f"matchers.{at}.{name}"
        for at, matcher in enumerate(matchers)
        for name in ("isRegex", "name", "value")
        if matcher.get(name) is None
    ]
    if absent:
        raise missing(absent)
    starts_at, ends_at = read_time(body["startsAt"], "silence"), read_time(body["endsAt"], "silence")
    annotations = body.get("annotations") or {}
    try:
        return Silence(
            id=_text(body, "id"),
            matchers=make_matchers(
                [(_text(m, "name", of=_MATCHER), _op(m), _text(m, "value", of=_MATCHER)) for m in matchers]
            ),
            starts_at=starts_at or 0,
            ends_at=ends_at or 0,
            created_by=_text(body, "createdBy"),
            comment=_text(body, "comment"),
            annotations={str(k): str(v) for k, v in annotations.items()}
            if isinstance(annotations, dict)
            else {},
        )
    except SilenceError as error:
        raise Refusal(400, str(error)) from None


_MATCHER = "Matcher.matchers"


def _text(given: dict[str, Any], name: str, *, of: str = "Silence") -> str:
    return typed(given.get(name), str, f"{of}.{name}", "silence")


def _op(matcher: dict[str, Any]) -> MatchOp:
    given = matcher.get("isEqual")
    equal = given is None or typed(given, bool, f"{_MATCHER}.isEqual", "silence")
    if typed(matcher["isRegex"], bool, f"{_MATCHER}.isRegex", "silence"):
        return MatchOp.REGEX if equal else MatchOp.NOT_REGEX
    return MatchOp.EQUAL if equal else MatchOp.NOT_EQUAL
