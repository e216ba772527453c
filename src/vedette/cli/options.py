"""Option values that several subcommands read alike."""

from __future__ import annotations

import typer

from vedette.web.role import Listen


def listen_address(text: str) -> Listen:
    """``host:port`` or ``:port`` as a `Listen`; a sentence for the user otherwise."""
    try:
        return Listen.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
