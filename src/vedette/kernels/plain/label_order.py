"""Twin of ordering label sets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def order(
    columns: list[npt.NDArray[np.int32]],
    strings: list[str],
    own: list[str],
    first_own: int,
    out: npt.NDArray[np.int64],
) -> None:
    """Row numbers in the order of their (name, value) pairs; the place of a column stands for its name."""

    def pairs(row: int) -> list[tuple[int, str]]:
        ids = [int(column[row]) for column in columns]
        texts = [strings[i] if i < first_own else own[i - first_own] for i in ids]
        return [(name, text) for name, (i, text) in enumerate(zip(ids, texts, strict=True)) if i]

    out[:] = sorted(range(len(out)), key=pairs)
