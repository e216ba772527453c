"""``vedette query analyze``: what a query did; or, with promtool's ``--type``, how histograms use their buckets."""

from __future__ import annotations

from typing import Annotated

import typer

from vedette.cli.query import (
    DEFAULT_SERVER,
    End,
    Format,
    HttpConfig,
    Match,
    Server,
    Start,
    Step,
    Time,
    answer,
    asked_of,
    query,
    server_and,
)


@query.command()
def analyze(
    context: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[SERVER] EXPR", help="The query, after the server's URL.")
    ] = None,
    time: Time = "",
    start: Start = "",
    end: End = "",
    step: Step = "",
    kind: Annotated[
        str, typer.Option("--type", help="histogram: look at the buckets of --match instead.")
    ] = "",
    duration: Annotated[str, typer.Option("--duration", help="With --type: how long before --time.")] = "1h",
    match: Match = None,
    server: Server = DEFAULT_SERVER,
    output: Format = "",
    http_config: HttpConfig = None,
) -> None:
    """Runs a query and prints what each of its operators did: time, series, samples."""
    from vedette.metrics.terminal import ask

    if kind:
        if kind != "histogram":
            raise typer.BadParameter(f"{kind} can't be analyzed; write histogram", param_hint="--type")
        if not match:
            raise typer.BadParameter("name the histograms by a selector", param_hint="--match")
        asked = asked_of(context, words[0] if words else server, output, http_config)
        answer(lambda screen: ask.analyze_buckets(asked, screen, match, duration, time))
    if not words:
        raise typer.BadParameter("write the query", param_hint="EXPR")
    url, expr = server_and(words, server, "the query")
    asked = asked_of(context, url, output, http_config)
    answer(lambda screen: ask.analyze(asked, screen, expr, time, start, end, step), expr)
