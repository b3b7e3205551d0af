"""The formats of C's printf that `$INT(x,%d)`, `$REAL(x,%f)` and `$STRING(x,%s)` take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

LONGEST = 4096
_LONGEST_NUMBER = 55
_DIRECTIVE = re.compile(
    r"%(?P<flags>[#0\- +']*)(?P<width>\d*)(?P<precision>\.\d*)?(?P<length>[hlLqjzt]*)(?P<type>[A-Za-z%*])"
)
_BITS = {"hh": 8, "h": 16, "": 32, "L": 64, "q": 64, "l": 64, "ll": 64, "j": 64, "z": 64, "t": 64}


class FormatError(ValueError):
    """The format is not one for this kind of value."""


@dataclass(frozen=True, slots=True)
class _Format:
    before: str
    flags: str
    width: str
    precision: str
    length: str
    type: str
    after: str

    def spell(self, letter: str) -> str:
        return f"%{self.flags.replace(chr(39), '')}{self.width}{self.precision}{letter}"


def format_integer(wanted: str, value: object) -> str:
    """An integer by a format such as `%05d`. Raises FormatError."""
    found = _read(wanted, "dioxXuc")
    number = _cut(cast(int, value), _BITS.get(found.length, 64), signed=found.type in "di")
    if found.type == "c":
        return _join(found, chr(number & 0x7F))[:_LONGEST_NUMBER]
    letter = "d" if found.type in "diu" else found.type
    return _join(found, found.spell(letter) % number)[:_LONGEST_NUMBER]


def format_real(wanted: str, value: object) -> str:
    """A real number by a format such as `%.1f`. Raises FormatError."""
    found = _read(wanted, "eEfFgG")
    if "L" in found.length:
        raise FormatError(f"`{wanted}` is for another kind of number")
    return _join(found, found.spell(found.type) % cast(float, value))[:_LONGEST_NUMBER]


def format_text(wanted: str, value: object) -> str:
    """A text by a format such as `%-10s`. Raises FormatError."""
    found = _read(wanted, "s")
    return _join(found, found.spell("s") % value)


def _read(wanted: str, letters: str) -> _Format:
    """The one directive of the format, with what is around it."""
    for directive in _DIRECTIVE.finditer(wanted):
        if directive["type"] == "%":
            continue
        after = wanted[directive.end() :]
        if directive["type"] not in letters or "%" in after.replace("%%", ""):
            break
        if int(directive["width"] or 0) > LONGEST or int((directive["precision"] or ".")[1:] or 0) > LONGEST:
            raise FormatError(f"`{wanted}` is wider than {LONGEST} characters")
        return _Format(
            wanted[: directive.start()], directive["flags"], directive["width"], directive["precision"] or "",
            directive["length"], directive["type"], after,
        )  # fmt: skip
    raise FormatError(f"`{wanted}` is not a format for this")


def _cut(value: int, bits: int, *, signed: bool) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def _join(found: _Format, shown: str) -> str:
    return found.before.replace("%%", "%") + shown + found.after.replace("%%", "%")
