"""``vedette query instant``: the answer at one time."""

from __future__ import annotations

import typer

from vedette.cli.query import (
    DEFAULT_SERVER,
    Format,
    HttpConfig,
    OneOrTwo,
    Server,
    Time,
    answer,
    asked_of,
    query,
    server_and,
)


@query.command()
def instant(
    context: typer.Context,
    words: OneOrTwo,
    time: Time = "",
    server: Server = DEFAULT_SERVER,
    output: Format = "",
    http_config: HttpConfig = None,
) -> None:
    """The value of every series at one time."""
    from vedette.metrics.terminal import ask

    url, expr = server_and(words, server, "the query")
    asked = asked_of(context, url, output, http_config)
    answer(lambda screen: ask.instant(asked, screen, expr, time), expr)
