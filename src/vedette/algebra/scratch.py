"""Label values that live as long as one query."""

from __future__ import annotations

from vedette.algebra.table import Symbols

# Ids from here on belong to the scratch; a store never has so many values.
_FIRST = 1 << 30


class _Strings:
    """Indexes the store's strings and the scratch's as one list."""

    __slots__ = ("base", "own")

    def __init__(self, base: list[str]) -> None:
        self.base = base
        self.own: list[str] = []

    def __getitem__(self, index: int) -> str:
        return self.base[index] if index < _FIRST else self.own[index - _FIRST]


class ScratchSymbols(Symbols):
    """A store's symbols plus values that a query makes up (`label_replace`, `count_values`).

    Ids of the store stay valid in it, so columns move between the two without translation, and the store's symbols
    don't grow with what people ask.
    """

    __slots__ = ("_base",)

    def __init__(self, base: Symbols) -> None:
        super().__init__()
        self._base = base
        self._ids = {}
        self.strings = _Strings(base.strings)  # type: ignore[assignment]

    def __len__(self) -> int:
        return _FIRST + len(self._own)

    @property
    def _own(self) -> list[str]:
        return self.strings.own  # type: ignore[attr-defined,no-any-return]

    def lists(self) -> tuple[list[str], list[str], int]:
        strings: _Strings = self.strings  # type: ignore[assignment]
        return strings.base, strings.own, _FIRST

    def intern(self, text: str) -> int:
        known = self._ids.get(text)
        if known is None:
            known = self._base.find(text)
            if known is None:
                with self._lock:
                    known = self._ids.get(text)
                    if known is None:
                        known = _FIRST + len(self._own)
                        self._own.append(text)
                        self._ids[text] = known
        return known

    def find(self, text: str) -> int | None:
        known = self._ids.get(text)
        return self._base.find(text) if known is None else known
