"""Freed memory goes back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


@cache
def _trim() -> Callable[[int], object] | None:
    # glibc has it, others don't.
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> None:
    """Returns what the allocator keeps of freed memory. Takes some milliseconds, in which other threads go on."""
    trim = _trim()
    if trim is not None:
        trim(0)
