"""``vedette query range``: the answer over a range of time."""

from __future__ import annotations

from typing import Annotated

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
    answer,
    asked_of,
    query,
    server_and,
)


@query.command("range")
def range_(
    context: typer.Context,
    words: OneOrTwo,
    start: Start = "",
    end: End = "",
    step: Step = "",
    header: Annotated[
        list[str] | None, typer.Option("--header", help="Sent to the server, as Name=value. May be repeated.")
    ] = None,
    server: Server = DEFAULT_SERVER,
    output: Format = "",
    http_config: HttpConfig = None,
) -> None:
    """Every series over time, five minutes unless said otherwise: its shape, least, mean, greatest and last value."""
    from vedette.metrics.terminal import ask

    url, expr = server_and(words, server, "the query")
    asked = asked_of(context, url, output, http_config, header)
    answer(lambda screen: ask.range_(asked, screen, expr, start, end, step), expr)
