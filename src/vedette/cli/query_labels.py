"""``vedette query labels``: which labels there are, and their values."""

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
    answer,
    asked_of,
    query,
    server_and,
)


@query.command()
def labels(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERVER] [NAME]", help="Whose values; without it, the names."),
    ] = None,
    match: Match = None,
    start: Start = "",
    end: End = "",
    server: Server = DEFAULT_SERVER,
    output: Format = "",
    http_config: HttpConfig = None,
) -> None:
    """The values of a label, or the names of all labels."""
    from vedette.metrics.terminal import ask

    url, name = server_and(words, server, "a label's name") if words else (server, "")
    if "://" in name:
        url, name = name, ""
    asked = asked_of(context, url, output, http_config)
    answer(lambda screen: ask.labels(asked, screen, name, match or [], start, end))
