"""What a function of instant vectors is, and the table of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vedette.algebra.matrix import Matrix
from vedette.metrics.promql.plan.nodes import Call
from vedette.metrics.promql.run.context import Context, Steps

# Arguments come evaluated: a Matrix, float64[steps] for a scalar, str for a string.
InstantFunction = Callable[[Context, Call, list[Any], Steps], Matrix]

INSTANT_FUNCTIONS: dict[str, InstantFunction] = {}


def instant(*names: str) -> Callable[[InstantFunction], InstantFunction]:
    """Registers a function under its names."""

    def add(function: InstantFunction) -> InstantFunction:
        for name in names:
            INSTANT_FUNCTIONS[name] = function
        return function

    return add
