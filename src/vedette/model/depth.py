"""How deep the tree of a query may be.

Trees are walked by functions that call themselves. Their height is bounded by the parsers (parentheses within
parentheses, operators in a row) so that a hostile query is refused, and the interpreter is told to go that deep so that
a long but honest one, such as one that a program wrote with a thousand `or`, is answered.
"""

from __future__ import annotations

import sys

# Parentheses, calls and aggregations within each other: deeper than any person writes.
MAX_NESTING = 200
# Operators in one query. A row of them makes a tree as high as it is long.
MAX_OPERATORS = 2_000

# Frames for one walk over the highest tree, with several calls a level; beyond it there is `RecursionError`.
_FRAMES = 20_000


def allow_deep_trees() -> None:
    """Called by the parsers: whoever holds a tree can then walk it."""
    if sys.getrecursionlimit() < _FRAMES:
        sys.setrecursionlimit(_FRAMES)
