"""Option values that several subcommands read alike."""

from __future__ import annotations

import typer

from vedette.model.time import DurationError, parse_go_duration
from vedette.web.role import Listen


def listen_address(text: str) -> Listen:
    """``host:port`` or ``:port`` as a `Listen`; a sentence for the user otherwise."""
    try:
        return Listen.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def seconds(text: str) -> float:
    """``5s`` or ``1m30s`` as seconds; a sentence for the user otherwise."""
    try:
        return parse_go_duration(text) / 1e9
    except DurationError as error:
        raise typer.BadParameter(str(error)) from None
