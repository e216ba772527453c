"""The ways an engine can be set up to compute the same answers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from vedette.kernels import plain
from vedette.metrics.promql.run.batches import DEFAULT_BATCHING, Batching
from vedette.metrics.promql.script.forms import Form

# Batches of one row and of odd sizes find whatever leans on a batch's neighbours.
BATCH_ROWS = (1, 2, 3, 7, DEFAULT_BATCHING.rows)
ALL_FORMS = frozenset(Form) - {Form.AS_IT_STANDS}
DEFAULT_FORMS = frozenset((Form.PINNED, Form.IN_RANGE))


@dataclass(frozen=True, slots=True)
class Setup:
    """One way. The name is for people; the usual way has none."""

    name: str = ""
    batching: Batching = DEFAULT_BATCHING
    plain_kernels: bool = False

    def kernels(self) -> AbstractContextManager[None]:
        return plain.replaced() if self.plain_kernels else nullcontext()


@dataclass(frozen=True, slots=True)
class Asked:
    """How each question is asked: in these forms by the first setup, as it stands and in a range by the others."""

    forms: frozenset[Form] = DEFAULT_FORMS
    setups: tuple[Setup, ...] = field(default=(Setup(),))


def choose(
    forms: frozenset[Form] = DEFAULT_FORMS,
    batch_rows: Sequence[int] | None = None,
    threads: Sequence[bool] | None = None,
    plain_kernels: Sequence[bool] | None = None,
) -> Asked:
    """Every combination of what is given; what is not given is as usual. All forms and nothing else: everything."""
    if forms == ALL_FORMS and batch_rows is None and threads is None and plain_kernels is None:
        return everything()
    return Asked(
        forms,
        tuple(
            _setup(rows, threaded, plain_)
            for plain_ in plain_kernels or (False,)
            for rows in batch_rows or (DEFAULT_BATCHING.rows,)
            for threaded in threads or (None,)
        ),
    )


def everything() -> Asked:
    """All forms; every batch size on one core and on all of them; plain kernels."""
    batches = tuple(_setup(rows, threaded, False) for rows in BATCH_ROWS for threaded in (False, True))
    return Asked(ALL_FORMS, (Setup(), *batches, _setup(DEFAULT_BATCHING.rows, None, True)))


def read_forms(text: str) -> frozenset[Form]:
    """`all`, `none`, or names of forms: ``pinned,shifted``. Raises `ValueError`."""
    if text in ("all", "none"):
        return ALL_FORMS if text == "all" else frozenset()
    known = {form.value: form for form in ALL_FORMS}
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} is no form: there are {', '.join(sorted(known))}, all and none")
    return frozenset(known[name] for name in names)


def read_batch_rows(text: str) -> tuple[int, ...]:
    """``1,2,3``. Raises `ValueError`."""
    sizes = [part.strip() for part in text.split(",")]
    for size in sizes:
        if not size.isdecimal() or int(size) == 0:
            raise ValueError(f"{size!r} is no number of rows")
    return tuple(map(int, sizes))


def _setup(rows: int, threaded: bool | None, plain_kernels: bool) -> Setup:
    if threaded is None:
        from_ = DEFAULT_BATCHING.threads_from
    else:
        from_ = 0 if threaded else math.inf
    return Setup(
        ", ".join(_words(rows, threaded, plain_kernels)),
        Batching(rows=rows, threads_from=from_),
        plain_kernels,
    )


def _words(rows: int, threaded: bool | None, plain_kernels: bool) -> Iterator[str]:
    if plain_kernels:
        yield "plain kernels"
    if rows != DEFAULT_BATCHING.rows or threaded is not None:
        yield f"batches of {rows}"
    if threaded is not None:
        yield "on all cores" if threaded else "on one core"
