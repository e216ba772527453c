"""Asks a kernel and its plain twin the same question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vedette.kernels import plain

from .columns import same

Equal = Callable[[float, float], bool]


class Answers:
    """What a kernel and its twin wrote into `out`, arrays by name, and what they returned."""

    def __init__(self, module: str, function: str, *inputs: Any, **out: np.ndarray) -> None:
        self.question = f"{module}.{function}"
        self.kernel = {name: array.copy() for name, array in out.items()}
        self.twin = {name: array.copy() for name, array in out.items()}
        self.ask(*inputs)

    def ask(self, *inputs: Any) -> None:
        """Once more, into the same arrays: another batch of rows."""
        module, function = self.question.split(".")
        self.got = getattr(plain.kernel(module), function)(*inputs, **self.kernel)
        self.want = getattr(plain.twin(module), function)(*inputs, **self.twin)

    def check(self, *exact: str, **close: Equal) -> None:
        """Every named array is equal, cell by cell: bit by bit, or as the function given for it says."""
        assert self.got == self.want, self.question
        for name in exact:
            check_cells(self.kernel[name], self.twin[name], same, f"{self.question}: {name}")
        for name, equal in close.items():
            check_cells(self.kernel[name], self.twin[name], equal, f"{self.question}: {name}")

    def check_present(self, equal: Equal = same) -> None:
        """`present` is the same, and so is `out` where something is present."""
        self.check("present")
        there = self.twin["present"].astype(bool)
        check_cells(self.kernel["out"][there], self.twin["out"][there], equal, self.question)


def check_cells(got: np.ndarray, want: np.ndarray, equal: Equal, what: str) -> None:
    assert got.shape == want.shape, what
    for at, (a, b) in enumerate(zip(got.ravel().tolist(), want.ravel().tolist(), strict=True)):
        assert equal(a, b), f"{what}, cell {at}: the kernel says {a!r}, its twin {b!r}"


def windows(rows: int, count: int) -> dict[str, np.ndarray]:
    """The outputs of a window kernel."""
    return {"out": np.empty((rows, count)), "present": np.empty((rows, count), dtype=np.uint8)}
