"""Go's fmt: Sprint, Sprintln and Sprintf over the values of templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vedette.template.floats import format_float
from vedette.template.literals import escape_rune, quote
from vedette.template.values import ABSENT, Struct, Uint8, map_keys, type_name

_MAX_WIDTH = 1_000_000


@dataclass(slots=True)
class _Flags:
    plus: bool = False
    minus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    width: int | None = None
    precision: int | None = None

    def pad(self, text: str) -> str:
        if self.width is None or len(text) >= self.width:
            return text
        if self.minus:
            return text.ljust(self.width)
        return text.rjust(self.width, "0" if self.zero else " ")


_PLAIN = _Flags()


def sprint(values: Sequence[object]) -> str:
    """Values side by side, with a space between two that are both no strings."""
    out: list[str] = []
    previous_text = True
    for at, value in enumerate(values):
        is_text = isinstance(value, str)
        if at and not is_text and not previous_text:
            out.append(" ")
        out.append(show(value))
        previous_text = is_text
    return "".join(out)


def sprintln(values: Sequence[object]) -> str:
    return " ".join(map(show, values)) + "\n"


def show(value: object) -> str:
    """`value` by ``%v``."""
    if type(value) is str:
        return value
    return _format(value, "v", _PLAIN)


def _format(value: object, verb: str, flags: _Flags, *, top: bool = True) -> str:
    if verb == "T":
        return flags.pad(type_name(value))
    if value is None or value is ABSENT:
        return flags.pad("<nil>") if verb == "v" else _bad_verb(value, verb, flags)
    stringer = _stringer(value)
    if stringer is not None and verb in "vsqxX" and not (verb == "v" and flags.sharp):
        return _string(stringer(), verb, flags)
    if isinstance(value, bool):
        return flags.pad("true" if value else "false") if verb in "vt" else _bad_verb(value, verb, flags)
    if isinstance(value, str):
        return _string(value, verb, flags) if verb in "vsqxX" else _bad_verb(value, verb, flags)
    if isinstance(value, int):
        return _integer(value, verb, flags)
    if isinstance(value, float):
        return _float(value, verb, flags)
    if isinstance(value, complex):
        parts = (_float(value.real, verb, flags), _float(value.imag, verb, _Flags(plus=True)))
        return f"({parts[0]}{parts[1]}i)"
    if isinstance(value, Struct):
        inner = (_format(getattr(value, name), verb, flags, top=False) for name in value.go_fields.values())
        return f"{{{' '.join(inner)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{' '.join(_format(item, verb, flags, top=False) for item in value)}]"
    if isinstance(value, Mapping):
        pairs = (
            f"{_format(key, verb, flags, top=False)}:{_format(value[key], verb, flags, top=False)}"
            for key in map_keys(value)
        )
        return f"map[{' '.join(pairs)}]"
    return flags.pad(str(value))


def _stringer(value: object) -> Callable[[], str] | None:
    methods: Mapping[str, str] | None = getattr(type(value), "go_methods", None)
    if methods and "String" in methods:
        found: Callable[[], str] = getattr(value, methods["String"])
        return found
    return None


def _bad_verb(value: object, verb: str, flags: _Flags) -> str:
    """A value that the verb does not fit: shown by ``%v``, with the width and flags that were meant for the verb."""
    if value is None or value is ABSENT:
        return f"%!{verb}(<nil>)"
    return f"%!{verb}({type_name(value)}={_format(value, 'v', flags)})"


def _string(text: str, verb: str, flags: _Flags) -> str:
    if verb in "xX":
        data = text.encode("utf-8", "replace")
        if flags.precision is not None:
            data = data[: flags.precision]
        shown = data.hex(" ") if flags.space else data.hex()
        if flags.sharp and shown:
            shown = "0x" + (shown.replace(" ", " 0x") if flags.space else shown)
        return flags.pad(shown.upper() if verb == "X" else shown)
    if flags.precision is not None:
        text = text[: flags.precision]
    if verb == "q":
        if flags.sharp and "`" not in text and all(ch.isprintable() or ch == "\t" for ch in text):
            return flags.pad(f"`{text}`")
        return flags.pad(quote(text, ascii_only=flags.plus))
    return flags.pad(text)


_UINT64 = (1 << 64) - 1
_BASES = {"b": "b", "o": "o", "O": "o", "x": "x", "X": "X", "d": "d", "v": "d"}


def _integer(value: int, verb: str, flags: _Flags) -> str:
    if verb in "eEfFgG" or verb not in "bcdoOqxXUv":
        return _bad_verb(value, verb, flags)
    if verb == "c":
        return flags.pad(_rune(value))
    if verb == "q":
        char = _rune(value)
        body = "\\'" if char == "'" else escape_rune(char, ascii_only=flags.plus)
        return flags.pad(f"'{body}'")
    if verb == "U":
        text = f"U+{value & _UINT64:04X}"
        return flags.pad(f"{text} '{_rune(value)}'" if flags.sharp else text)
    if verb == "v" and flags.sharp and isinstance(value, Uint8):
        return flags.pad(hex(value))
    return _digits(value, verb, flags)


def _digits(value: int, verb: str, flags: _Flags) -> str:
    digits = format(abs(value), _BASES[verb])
    sign = "-" if value < 0 else "+" if flags.plus else " " if flags.space else ""
    prefix = "0o" if verb == "O" else ""
    if flags.sharp:
        prefix = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb, prefix)
    if flags.precision is not None:
        if flags.precision == 0 and value == 0:
            return " " * (flags.width or 0)
        digits = digits.rjust(flags.precision, "0")
    elif flags.zero and not flags.minus and flags.width is not None:
        digits = digits.rjust(flags.width - len(sign), "0")
    text = f"{sign}{prefix}{digits}"
    width = flags.width or 0
    return text.ljust(width) if flags.minus else text.rjust(width)


def _rune(value: int) -> str:
    return chr(value) if 0 <= value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF else "�"


def _float(value: float, verb: str, flags: _Flags) -> str:
    if verb not in "vbgGxXfFeE":
        return _bad_verb(value, verb, flags)
    default = 6 if verb in "eEfF" else -1
    precision = default if flags.precision is None else flags.precision
    text = format_float(value, "g" if verb == "v" else verb, precision)
    sign = ""
    if text[0] in "+-":
        sign, text = text[0], text[1:]
    if sign != "-":
        finite = text != "Inf"
        sign = "+" if flags.plus or (not finite and verb == "v" and not flags.space) else ""
        sign = " " if flags.space and not flags.plus else sign
        if not finite and not sign:
            sign = "+"
    width = flags.width or 0
    if flags.zero and not flags.minus and text not in ("Inf", "NaN"):
        return sign + text.rjust(width - len(sign), "0")
    return (sign + text).ljust(width) if flags.minus else (sign + text).rjust(width)


def sprintf(layout: str, values: Sequence[Any]) -> str:
    """Go's Sprintf: what does not fit is written into the text (``%!d(string=hi)``), never raised."""
    return _Printf(layout, values).run()


class _Printf:
    def __init__(self, layout: str, values: Sequence[Any]) -> None:
        self.layout = layout
        self.values = values
        self.at = 0
        self.arg = 0
        self.reordered = False
        self.index_ok = True
        self.after_index = False
        self.out: list[str] = []

    def run(self) -> str:
        layout, out = self.layout, self.out
        while self.at < len(layout):
            percent = layout.find("%", self.at)
            if percent < 0:
                out.append(layout[self.at :])
                break
            out.append(layout[self.at : percent])
            self.at = percent + 1
            self._directive()
        if not self.reordered and self.arg < len(self.values):
            extra = (
                "<nil>" if value is None else f"{type_name(value)}={show(value)}"
                for value in self.values[self.arg :]
            )
            out.append(f"%!(EXTRA {', '.join(extra)})")
        return "".join(out)

    def _directive(self) -> None:
        flags = self._flags()
        self.index_ok, self.after_index = True, False
        self._arg_index()
        if self._char() == "*":
            self.at += 1
            width = self._star("WIDTH")
            if width is not None:
                flags.width = abs(width)
                if width < 0:
                    flags.minus, flags.zero = True, False
            self.after_index = False
        else:
            flags.width = self._number()
            if self.after_index and flags.width is not None:
                self.index_ok = False
        if self._char() == ".":
            self.at += 1
            if self.after_index:
                self.index_ok = False
            self._arg_index()
            if self._char() == "*":
                self.at += 1
                precision = self._star("PREC")
                flags.precision = precision if precision is None or precision >= 0 else None
                if precision is not None and precision < 0:
                    self.out.append("%!(BADPREC)")
                self.after_index = False
            else:
                flags.precision = self._number() or 0
        if not self.after_index:
            self._arg_index()
        self._verb(flags)

    def _verb(self, flags: _Flags) -> None:
        verb = self._char()
        if not verb:
            self.out.append("%!(NOVERB)")
            return
        self.at += 1
        if verb == "%":
            self.out.append("%")
        elif not self.index_ok:
            self.out.append(f"%!{verb}(BADINDEX)")
        elif self.arg >= len(self.values):
            self.out.append(f"%!{verb}(MISSING)")
        else:
            value = self.values[self.arg]
            self.arg += 1
            if verb == "v":
                flags.plus = False  # it asks for field names there, not for a sign
            self.out.append(_format(value, verb, flags))

    def _char(self) -> str:
        return self.layout[self.at : self.at + 1]

    def _flags(self) -> _Flags:
        flags = _Flags()
        while (ch := self._char()) and ch in "+-# 0":
            match ch:
                case "+":
                    flags.plus = True
                case "-":
                    flags.minus, flags.zero = True, False
                case "#":
                    flags.sharp = True
                case " ":
                    flags.space = True
                case "0":
                    flags.zero = not flags.minus
            self.at += 1
        return flags

    def _number(self) -> int | None:
        start = self.at
        while (ch := self._char()) and ch in "0123456789":
            self.at += 1
        if start == self.at:
            return None
        amount = int(self.layout[start : self.at][:9])
        return amount if amount <= _MAX_WIDTH else None

    def _star(self, what: str) -> int | None:
        value = self.values[self.arg] if self.arg < len(self.values) else None
        self.arg += self.arg < len(self.values)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAX_WIDTH:
            return value
        self.out.append(f"%!(BAD{what})")
        return None

    def _arg_index(self) -> None:
        if self._char() != "[":
            return
        self.reordered = True
        close = self.layout.find("]", self.at)
        if close < 0:
            self.index_ok = False
            self.at += 1
            return
        body = self.layout[self.at + 1 : close]
        self.at = close + 1
        if body.isdecimal() and 1 <= int(body[:9]) <= len(self.values):
            self.arg = int(body) - 1
            self.after_index = True
        else:
            self.index_ok = False
