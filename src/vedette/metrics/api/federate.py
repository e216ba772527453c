"""``/federate``: the newest sample of chosen series, as an exposition page for another server to scrape."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vedette.algebra.distinct import distinct
from vedette.algebra.table import LabelTable
from vedette.metrics.api.envelope import compress, wants_gzip
from vedette.metrics.api.matching import MatcherSets, parse_matchers
from vedette.metrics.api.params import Params
from vedette.metrics.api.workers import Workers
from vedette.metrics.contract import Float64s, Int64s, Querier, Storage
from vedette.model.labels import METRIC_NAME, Labels, is_legacy_label_name, is_legacy_metric_name, quote
from vedette.model.stale import stale_mask
from vedette.model.values import format_value
from vedette.web.errors import ApiError, plain_error

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def routes(
    storage: Storage,
    workers: Workers,
    *,
    lookback: int,
    now: Callable[[], int],
    external_labels: Callable[[], Labels],
) -> list[Route]:
    """`lookback` is how old the newest sample may be, in milliseconds."""

    async def federate(request: Request) -> Response:
        params = await Params.of(request)
        try:
            # Without any matcher nothing is chosen, rather than everything.
            sets = tuple(matchers for matchers in parse_matchers(params.all("match[]")) if matchers)
        except ApiError as error:
            return plain_error(error)
        if not sets:
            return Response(b"", headers={"Content-Type": CONTENT_TYPE})
        until, gzip, outside = now(), wants_gzip(request), external_labels()

        def work() -> tuple[bytes, bool]:
            with storage.querier(until - lookback + 1, until) as querier:
                table, times, values = newest_samples(querier, sets, until - lookback + 1, until)
            return compress(federation_page(table, times, values, outside), gzip=gzip)

        body, gzipped = await workers.run(work)
        headers = {"Content-Type": CONTENT_TYPE}
        if gzipped:
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(body, headers=headers)

    return [Route("/federate", federate, methods=["GET", "HEAD"])]


def newest_samples(
    querier: Querier, sets: MatcherSets, mint: int, maxt: int
) -> tuple[LabelTable, Int64s, Float64s]:
    """Series of any of the selectors whose newest sample is no stale marker: labels, times, values."""
    tables, times, values = [], [], []
    for matchers in sets:
        selection = querier.select(matchers, mint, maxt)
        batch = selection.read(0, selection.table.rows, mint, maxt)
        rows = np.flatnonzero(batch.offsets[1:] > batch.offsets[:-1])
        last = batch.offsets[1:][rows] - 1
        alive = ~stale_mask(np.ascontiguousarray(batch.values[last]))
        tables.append(selection.table.take(rows[alive]))
        times.append(batch.timestamps[last][alive])
        values.append(batch.values[last][alive])
    table = LabelTable.concat(tables)
    first = table.group()[1]
    return table.take(first), np.concatenate(times)[first], np.concatenate(values)[first]


def federation_page(table: LabelTable, times: Int64s, values: Float64s, outside: Labels) -> bytes:
    """The page: metrics by name, types unknown. `outside` are external labels, which a series' own labels win over.

    A series without `instance` gets an empty one, so that a scraper with `honor_labels` does not add its own.
    """
    defaults = {"instance": "", **outside.to_dict()}
    names = sorted({*table.columns, *defaults} - {METRIC_NAME})
    columns = [_label_texts(table, name, defaults.get(name)) for name in names]
    metrics = [table.symbols.strings[i] for i in table.column(METRIC_NAME).tolist()]
    order = sorted(range(table.rows), key=lambda row: (metrics[row], [column[row] for column in columns]))
    lines: list[str] = []
    stamps, numbers = times.tolist(), values.tolist()
    for metric, rows in itertools.groupby(order, key=metrics.__getitem__):
        bare = is_legacy_metric_name(metric)
        lines.append(f"# TYPE {metric if bare else quote(metric)} untyped\n")
        head = f"{metric}{{" if bare else f"{{{quote(metric)},"
        for row in rows:
            inside = ",".join([column[row] for column in columns if column[row]])
            lines.append(f"{head}{inside}}} {format_value(numbers[row])} {stamps[row]}\n")
    return "".join(lines).encode("utf-8", "surrogateescape")


def _label_texts(table: LabelTable, name: str, default: str | None) -> list[str]:
    """``name="value"`` for each row; empty where the row lacks the label and there is no default."""
    shown = name if is_legacy_label_name(name) else quote(name)
    strings = table.symbols.strings
    column = table.column(name)
    absent = "" if default is None else f'{shown}="{_escaped(default)}"'
    texts = {int(i): f'{shown}="{_escaped(strings[i])}"' if i else absent for i in distinct(column)}
    return [texts[i] for i in column.tolist()]


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
