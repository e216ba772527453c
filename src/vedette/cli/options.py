"""Option values that several subcommands read alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from vedette.model.time import DurationError, parse_duration, parse_go_duration

if TYPE_CHECKING:
    from vedette.web.role import Listen


def listen_address(text: str) -> Listen:
    """``host:port`` or ``:port`` as a `Listen`; a sentence for the user otherwise."""
    from vedette.web.role import Listen

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


def duration(text: str) -> int:
    """Milliseconds of ``15s`` or ``1h30m``; a sentence for the user otherwise."""
    try:
        return parse_duration(text)
    except DurationError as error:
        raise typer.BadParameter(str(error)) from None


def byte_size(text: str) -> int:
    """Bytes of ``512MB``; a sentence for the user otherwise."""
    from vedette.config.model import parse_bytes

    try:
        return parse_bytes(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def flag_values(context: typer.Context) -> dict[str, str]:
    """Every option of the running command by its long name, as given or by default."""
    shown: dict[str, str] = {}
    for parameter in context.command.params:
        name = next((option for option in parameter.opts if option.startswith("--")), "")
        value = context.params.get(parameter.name or "")
        if name == "--help" or not name:
            continue
        if isinstance(value, bool):
            text = "true" if value else "false"
        elif isinstance(value, (list, tuple)):
            text = ",".join(str(item) for item in value)
        else:
            text = "" if value is None else str(value)
        shown[name.removeprefix("--")] = text
    return shown
