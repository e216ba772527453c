"""Numbers, durations and sizes in label values, and how they are compared."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from vedette.logs.units import size_bytes
from vedette.model.time import DurationError, parse_go_duration
from vedette.model.values import parse_go_float

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip

COMPARE_COLUMNS: Mapping[str, Any] = {
    "==": np.equal, "!=": np.not_equal, ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal,
}  # fmt: skip


def read_quantity(kind: str, text: str) -> float:
    """The value of a label in the unit of `kind` (number, duration in ns, bytes).

    Raises `ValueError` with the sentence for `__error_details__`.
    """
    if kind == "number":
        try:
            if text[:2].lower() == "0x" and "p" not in text.lower():
                raise ValueError
            return parse_go_float(text)
        except ValueError:
            raise ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax') from None
    if kind == "duration":
        try:
            return float(parse_go_duration(text))
        except DurationError as error:
            raise ValueError(str(error)) from None
    try:
        return float(size_bytes(text))
    except ValueError:
        raise ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax') from None
