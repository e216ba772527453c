"""Stale markers in columns. Apart from `values`, so that roles without columns do without numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vedette.model.values import STALE_NAN_BITS


def stale_mask(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """True where a value is the stale marker. Same shape as `values` (C-contiguous)."""
    mask: npt.NDArray[np.bool_] = values.view(np.uint64) == np.uint64(STALE_NAN_BITS)
    return mask
