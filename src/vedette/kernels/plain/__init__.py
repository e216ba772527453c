"""The plain twins of the kernels that queries run on: what each of them means, in simple Python.

One module a kernel module, with the same functions and signatures. A twin is written from the meaning of its kernel
and not for speed: the tests compare the two on random input, and `replaced()` puts the twins in the kernels' place,
so that whole queries can be asked of them.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

# Kernel modules that have a twin. Whatever calls them says `module.function(...)`, or it would not see the twin.
MODULES = (
    "floats",
    "group_reduce",
    "group_rows",
    "histogram_classic",
    "label_order",
    "query_json",
    "window_counters",
    "window_extended",
    "window_reduce",
    "window_select",
    "window_starts",
    "window_trend",
)

_lock = threading.Lock()
_users = 0
_compiled: list[tuple[ModuleType, str, Any]] = []


def kernel(name: str) -> ModuleType:
    """The compiled module `name`."""
    return importlib.import_module(f"vedette.kernels.{name}")


def twin(name: str) -> ModuleType:
    """The plain module that stands for kernel module `name`."""
    return importlib.import_module(f"vedette.kernels.plain.{name}")


def functions(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """What a module defines for others: its public functions by name, without what it imported."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and callable(value)
        and not isinstance(value, type)
        and getattr(value, "__module__", None) == module.__name__
    }


@contextmanager
def replaced() -> Iterator[None]:
    """The twins in the place of the compiled functions, in the whole process, until the last user has left the block.

    May be entered from several threads. A query that runs across the border gets some of its work from either side.
    Raises `LookupError` for a function without a twin.
    """
    global _users
    with _lock:
        if _users == 0:
            _replace()
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _restore()


def _replace() -> None:
    pairs = []
    for name in MODULES:
        module, twins = kernel(name), functions(twin(name))
        for function, compiled in functions(module).items():
            if function not in twins:
                raise LookupError(f"kernel {name}.{function} has no plain twin")
            pairs.append((module, function, compiled, twins[function]))
    for module, function, compiled, plain in pairs:
        _compiled.append((module, function, compiled))
        setattr(module, function, plain)


def _restore() -> None:
    while _compiled:
        module, function, compiled = _compiled.pop()
        setattr(module, function, compiled)
