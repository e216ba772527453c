"""``/api/v1/metadata`` and ``/api/v1/targets/metadata``: what targets say about their metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.metrics.api.envelope import compress, success
from vedette.metrics.api.matching import parse_matchers
from vedette.metrics.api.params import Params, bad_data
from vedette.metrics.scrape import ActiveTarget, Metadata
from vedette.web.errors import ApiError
from vedette.web.prompt import PromptDoor, Question, Reply

Told = Callable[[], Iterable[tuple[ActiveTarget, Metadata]]]


def routes(told: Told) -> list[Route]:
    async def metadata(request: Request) -> Response:
        return _metadata(told, await Params.of(request))

    async def of_targets(request: Request) -> Response:
        params = await Params.of(request)
        metric, limit = params.get("metric"), _limit(params, "limit")
        text = params.get("match_target")
        (matchers,) = parse_matchers([text], name="match_target") if text else ([],)
        found: list[dict[str, Any]] = []
        for target, entry in told():
            if metric and entry.metric != metric:
                continue
            if not all(matcher.matches_labels(target.labels) for matcher in matchers):
                continue
            if limit == 0 or (limit is not None and len(found) >= limit):
                break
            shown = {
                "target": target.labels.to_dict(),
                "type": entry.type,
                "help": entry.help,
                "unit": entry.unit,
            }
            found.append(shown if metric else {**shown, "metric": entry.metric})
        return success(found)

    return [Route("/metadata", metadata), Route("/targets/metadata", of_targets)]


def prompt_doors(told: Told) -> dict[str, PromptDoor]:
    def metadata(question: Question) -> Reply | None:
        try:
            found = _metadata(told, Params.asked(question))
        except ApiError:
            return None
        body, gzipped = compress(bytes(found.body), gzip=question.gzip)
        return Reply(200, body, gzipped)

    return {"/metadata": metadata}


def _metadata(told: Told, params: Params) -> Response:
    metric = params.get("metric")
    metrics, each = _limit(params, "limit"), _limit(params, "limit_per_metric")
    return success(by_metric((m for _, m in told() if metric in ("", m.metric)), metrics, each))


def by_metric(
    entries: Iterable[Metadata], metrics: int | None, each: int | None
) -> dict[str, list[dict[str, str]]]:
    """The different things said about each metric, so many metrics and so many things at most."""
    found: dict[str, dict[Metadata, None]] = {}
    for entry in entries:
        if entry.metric not in found and metrics is not None and len(found) >= metrics:
            continue
        known = found.setdefault(entry.metric, {})
        if each is None or each == 0 or len(known) < each:
            known.setdefault(entry)
    return {
        metric: [{"type": e.type, "help": e.help, "unit": e.unit} for e in said]
        for metric, said in found.items()
    }


def _limit(params: Params, name: str) -> int | None:
    """None for no limit, which a negative number means too."""
    text = params.get(name)
    if not text:
        return None
    try:
        limit = int(text)
    except ValueError:
        raise bad_data(f"{name} must be a number") from None
    return None if limit < 0 else limit
