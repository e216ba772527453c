"""Include and exclude by regular expression, as the originals' flags say it."""

from __future__ import annotations

from collections.abc import Callable

import re2


def chooser(include: str, exclude: str) -> Callable[[str], bool]:
    """A test of names. Empty patterns restrict nothing; the expressions are searched, not anchored."""
    wanted = re2.compile(include) if include else None
    unwanted = re2.compile(exclude) if exclude else None

    def chosen(name: str) -> bool:
        if wanted is not None and not wanted.search(name):
            return False
        return unwanted is None or not unwanted.search(name)

    return chosen
