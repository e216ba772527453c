"""``vedette query``: ask a Prometheus API, with promtool's words and more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vedette.cli.main import app

if TYPE_CHECKING:
    from vedette.metrics.terminal.ask import Asked, Shown
    from vedette.metrics.terminal.screen import Screen

query = typer.Typer(no_args_is_help=True, help="Ask a Prometheus API: this one or any other.")
app.add_typer(query, name="query")

Server = Annotated[str, typer.Option("--server", help="Who is asked, when no URL stands before the query.")]
Format = Annotated[
    str,
    typer.Option(
        "-o",
        "--format",
        help="table, csv, json or promql (promtool's text). Default: table in a terminal, promql in a pipe.",
    ),
]
HttpConfig = Annotated[
    Path | None,
    typer.Option("--http.config.file", help="TLS, credentials and proxy, as in Prometheus's http_config."),
]
Time = Annotated[str, typer.Option("--time", help="When: Unix seconds, RFC 3339, now-1h. Default: now.")]
Start = Annotated[str, typer.Option("--start", help="From when: Unix seconds, RFC 3339, now-1h.")]
End = Annotated[str, typer.Option("--end", help="Until when. Default: now.")]
Step = Annotated[
    str, typer.Option("--step", help="Between the points, such as 15s. Default: some 250 points.")
]
Match = Annotated[list[str] | None, typer.Option("--match", help="A selector of series. May be repeated.")]
OneOrTwo = Annotated[
    list[str], typer.Argument(metavar="[SERVER] EXPR", help="The query, after the server's URL.")
]

DEFAULT_SERVER = "http://127.0.0.1:9090"


@query.callback()
def _defaults(
    context: typer.Context,
    output: Annotated[str, typer.Option("-o", "--format", help="As with each subcommand.")] = "",
    http_config: Annotated[
        Path | None, typer.Option("--http.config.file", help="As with each subcommand.")
    ] = None,
) -> None:
    context.obj = (output, http_config)


def asked_of(
    context: typer.Context,
    server: str,
    output: str,
    http_config: Path | None,
    headers: list[str] | None = None,
) -> Asked:
    """What the options say; those before the subcommand count where it has none of its own."""
    from vedette.metrics.terminal.ask import Asked, Output

    above_output, above_config = context.obj or ("", None)
    chosen = output or above_output
    if chosen and chosen not in set(Output):
        raise typer.BadParameter(f"{chosen} is no format; write {', '.join(Output)}", param_hint="-o")
    given: dict[str, str] = {}
    for header in headers or ():
        name, equals, value = header.partition("=") if "=" in header else header.partition(":")
        if not equals:
            raise typer.BadParameter(f"{header} is no header; write Name=value", param_hint="--header")
        given[name.strip()] = value.strip()
    return Asked(server, Output(chosen) if chosen else None, http_config or above_config, given)


def server_and(words: list[str], server: str, what: str) -> tuple[str, str]:
    """``SERVER WORD`` as promtool has it, or ``WORD`` alone."""
    if len(words) > 2:
        raise typer.BadParameter(f"expected a server and {what}, or {what} alone: quote {what}")
    return (words[0], words[1]) if len(words) == 2 else (server, words[0])


def answer(work: Callable[[Screen], Shown], expr: str = "") -> None:
    """Prints and exits."""
    from vedette.metrics.terminal.ask import show

    raise typer.Exit(show(work, expr))


from vedette.cli import (  # noqa: E402  (they register their commands on `query`)
    query_analyze,
    query_explain,
    query_instant,
    query_labels,
    query_range,
    query_series,
)

__all__ = ["query_analyze", "query_explain", "query_instant", "query_labels", "query_range", "query_series"]
