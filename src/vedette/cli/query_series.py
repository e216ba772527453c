"""``vedette query series``: which series there are."""

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
)


@query.command()
def series(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="[SERVER]", help="The server's URL.")] = "",
    match: Match = None,
    start: Start = "",
    end: End = "",
    server: Server = DEFAULT_SERVER,
    output: Format = "",
    http_config: HttpConfig = None,
) -> None:
    """The label sets of the series that selectors match, whenever they had samples."""
    from vedette.metrics.terminal import ask

    if not match:
        raise typer.BadParameter("name at least one selector", param_hint="--match")
    asked = asked_of(context, url or server, output, http_config)
    answer(lambda screen: ask.series(asked, screen, match, start, end), match[0] if len(match) == 1 else "")
