"""``vedette query explain``: what a query would do."""

from __future__ import annotations

import typer

from vedette.cli.query import (
    DEFAULT_SERVER,
    End,
    Format,
    HttpConfig,
    OneOrTwo,
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
def explain(
    context: typer.Context,
    words: OneOrTwo,
    time: Time = "",
    start: Start = "",
    end: End = "",
    step: Step = "",
    server: Server = DEFAULT_SERVER,
    output: Format = "",
    http_config: HttpConfig = None,
) -> None:
    """The plan of a query as a tree, without running it. Needs no server, which only adds how many series there are."""
    from vedette.metrics.terminal import ask

    url, expr = server_and(words, server, "the query")
    asked = asked_of(context, url, output, http_config)
    answer(lambda screen: ask.explain(asked, screen, expr, time, start, end, step), expr)
