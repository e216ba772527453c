"""``/api/v1/series``, ``/api/v1/labels``, ``/api/v1/label/NAME/values``."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from functools import partial

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.algebra.table import LabelTable, Rows
from vedette.metrics.api.envelope import TRUNCATED, compress, envelope, json_response, wants_gzip
from vedette.metrics.api.matching import MatcherSets, choosing_matchers, require_texts
from vedette.metrics.api.pace import Pace
from vedette.metrics.api.params import MAX_API_TIME, MIN_API_TIME, Params, bad_data
from vedette.metrics.api.workers import Workers
from vedette.metrics.contract import Querier, Storage, StorageError
from vedette.metrics.promql.json import LabelTexts
from vedette.metrics.promql.run.names import sort_order
from vedette.web.errors import ApiError
from vedette.web.prompt import PromptDoor, Question, Reply

Found = tuple[bytes, bool]  # JSON, and whether the limit cut it
Find = Callable[[Querier, "Call"], Found]

_PIECE_ROWS = 4096
VALUES = "/label/{name:path}/values"


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked; times in milliseconds. Making one raises `ApiError`."""

    find: Find
    name: str  # of the label whose values are wanted, else empty
    sets: MatcherSets
    mint: int
    maxt: int
    limit: int
    gzip: bool

    @property
    def kind(self) -> Hashable:
        """Equal for calls that cost about the same."""
        return self.find, self.name, self.sets, self.limit

    def answer(self, storage: Storage) -> tuple[bytes, bool]:
        """The body, and whether it is compressed."""
        with storage.querier(self.mint, self.maxt) as querier:
            found, truncated = self.find(querier, self)
        body = envelope(found, warnings=[TRUNCATED] if truncated else [])
        return compress(body, gzip=self.gzip)


def series_call(params: Params, name: str, *, gzip: bool) -> Call:
    return _call(_series, "", _required(params), params, gzip)


def _required(params: Params) -> MatcherSets:
    return choosing_matchers(require_texts(params.all("match[]")), name="match[]")


def names_call(params: Params, name: str, *, gzip: bool) -> Call:
    return _call(_label_names, "", choosing_matchers(params.all("match[]")), params, gzip)


def values_call(params: Params, name: str, *, gzip: bool) -> Call:
    name = decode_name(name)
    if not name:
        raise bad_data(f'invalid label name: "{name}"')
    return _call(_label_values, name, choosing_matchers(params.all("match[]")), params, gzip)


def _call(find: Find, name: str, sets: MatcherSets, params: Params, gzip: bool) -> Call:
    mint, maxt = params.time("start", MIN_API_TIME), params.time("end", MAX_API_TIME)
    return Call(find, name, sets, mint, maxt, params.limit(), gzip)


_CALLS = {"/series": series_call, "/labels": names_call, VALUES: values_call}


def routes(storage: Storage, workers: Workers, pace: Pace) -> list[Route]:
    def door(make: Callable[..., Call]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            name = request.path_params.get("name", "")
            call = make(await Params.of(request), name, gzip=wants_gzip(request))
            body, gzipped = await workers.run(partial(_measured, call, storage, pace))
            return json_response(body, gzipped=gzipped)

        return answer

    return [
        Route(path, door(make), methods=["GET"] if path == VALUES else ["GET", "POST"])
        for path, make in _CALLS.items()
    ]


def prompt_doors(storage: Storage, pace: Pace) -> dict[str, PromptDoor]:
    """The same doors for calls that cost little when they were last made."""

    def door(make: Callable[..., Call], question: Question) -> Reply | None:
        try:
            call = make(Params.asked(question), _name_in(question.path), gzip=question.gzip)
            if not pace.is_prompt(call.kind):
                return None
            body, gzipped = _measured(call, storage, pace)
        except (ApiError, StorageError):
            return None
        return Reply(200, body, gzipped)

    return {path: partial(door, make) for path, make in _CALLS.items()}


def _measured(call: Call, storage: Storage, pace: Pace) -> tuple[bytes, bool]:
    with pace.measured(call.kind):
        return call.answer(storage)


def _name_in(path: str) -> str:
    """NAME of ``.../label/NAME/values``."""
    return path.rpartition("/")[0].rpartition("/label/")[2]


def _series(querier: Querier, call: Call) -> Found:
    tables = [querier.select(matchers, call.mint, call.maxt).table for matchers in call.sets]
    table = tables[0]
    if len(tables) > 1:
        table = LabelTable.concat(tables)
        table = table.take(table.group()[1])
    rows = sort_order(table)
    truncated = 0 < call.limit < len(rows)
    return series_json(table, rows[: call.limit] if truncated else rows), truncated


def series_json(table: LabelTable, rows: Rows) -> bytes:
    """``[{"name":"value",...},...]`` of the rows, in their order."""
    table = table.take(rows)
    # In pieces, between which other threads have their turn.
    pieces = [
        b",".join(LabelTexts(table, start, min(start + _PIECE_ROWS, table.rows)))
        for start in range(0, table.rows, _PIECE_ROWS)
    ]
    return b"[%b]" % b",".join(pieces)


def _label_names(querier: Querier, call: Call) -> Found:
    more = call.limit + 1 if call.limit else 0
    names = {name for matchers in call.sets or [()] for name in querier.label_names(matchers, more)}
    return _texts(names, call.limit)


def _label_values(querier: Querier, call: Call) -> Found:
    more = call.limit + 1 if call.limit else 0
    values = {
        value for matchers in call.sets or [()] for value in querier.label_values(call.name, matchers, more)
    }
    return _texts(values, call.limit)


def _texts(texts: set[str], limit: int) -> Found:
    ordered = sorted(texts)
    truncated = 0 < limit < len(ordered)
    return orjson.dumps(ordered[:limit] if truncated else ordered), truncated


_ESCAPE = re.compile(r"__|_([0-9a-fA-F]{1,6})_")


def decode_name(name: str) -> str:
    """A label name as a path carries it: ``U__`` says that ``_2e_`` stands for ``.`` and ``__`` for ``_``."""
    if not name.startswith("U__"):
        return name

    def decode(found: re.Match[str]) -> str:
        return "_" if found[1] is None else chr(int(found[1], 16))

    try:
        return _ESCAPE.sub(decode, name[3:])
    except (ValueError, OverflowError):
        return name
