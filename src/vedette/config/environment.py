"""Environment variables in configuration text.

``${NAME}`` is the variable's value, ``${NAME:-default}`` the default when the variable is unset or empty, ``$$`` a
dollar sign. Everything else stays as it is: ``$1`` and ``${1}`` belong to relabelling, ``$labels`` to templates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


class UndefinedVariable(KeyError):
    """A variable without value and without default. `args[0]` is its name."""


def expand(text: str, env: Mapping[str, str], *, keep_double_dollar: bool = False) -> str:
    """`text` with its references replaced. Raises `UndefinedVariable`.

    With `keep_double_dollar`, ``$$`` stays, for texts whose own language gives it a meaning.
    """
    if "$" not in text:
        return text

    def replace(found: re.Match[str]) -> str:
        name, default = found[1], found[2]
        if name is None:
            return found[0] if keep_double_dollar else "$"
        value = env.get(name, "")
        if value:
            return value
        if default is not None:
            return default
        if name in env:
            return ""
        raise UndefinedVariable(name)

    return _REFERENCE.sub(replace, text)
