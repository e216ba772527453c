"""Options that can't be used, said as any other fault of a configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vedette.config.problems import ConfigError, Problem


@contextmanager
def config_faults(where: str, kind: type[ValueError]) -> Iterator[None]:
    """Turns a `kind` of error (a sentence, then ``; `` and a hint) into a `ConfigError` about the setting `where`."""
    try:
        yield
    except kind as error:
        message, _, hint = str(error).partition("; ")
        raise ConfigError([Problem(where, 0, 0, "", message, hint)]) from None
