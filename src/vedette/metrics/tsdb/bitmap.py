"""Compressed bitmaps from columns of numbers."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap


def bitmap(numbers: npt.NDArray[np.integer[Any]]) -> BitMap:
    """The set of `numbers`. Of what has a buffer, `BitMap` takes only an `array` whole and all else one by one."""
    return BitMap(array("I", numbers.astype(np.uint32).tobytes()))
