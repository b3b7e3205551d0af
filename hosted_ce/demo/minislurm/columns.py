"""The output formats of squeue and sinfo: `-o "%.8i %T"` and `-O JobID:8,State`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

_Row = TypeVar("_Row")
_LETTER = re.compile(r"%(\.)?(\d+)?([A-Za-z])([^%]*)")
_FIELD = re.compile(r"([\w-]+)(?::(\.)?(\d+)?(.*))?\Z", re.DOTALL)
_FIELD_WIDTH = 20


class Field(NamedTuple, Generic[_Row]):
    """Something that can be shown of a row."""

    header: str
    value: Callable[[_Row], str]


class Column(NamedTuple, Generic[_Row]):
    """One place of a format. Without a width nothing is padded or cut."""

    field: Field[_Row]
    width: int | None
    right: bool
    suffix: str

    def cell(self, text: str) -> str:
        """The text as it stands in this column."""
        if self.width is not None:
            cut = text[: self.width]
            text = cut.rjust(self.width) if self.right else cut.ljust(self.width)
        return text + self.suffix


class Layout(NamedTuple, Generic[_Row]):
    """A whole format."""

    prefix: str
    columns: list[Column[_Row]]

    def header(self) -> str:
        """The line of headers."""
        return self.prefix + "".join(column.cell(column.field.header) for column in self.columns)

    def line(self, row: _Row) -> str:
        """The line of one row."""
        return self.prefix + "".join(column.cell(column.field.value(row)) for column in self.columns)


class Formats(Generic[_Row]):
    """The formats that one command knows. `letters` names the field of each `%` letter."""

    def __init__(self, command: str, fields: Mapping[str, Field[_Row]], letters: Mapping[str, str]) -> None:
        self._command = command
        self._fields = fields
        self._letters = letters

    def short(self, text: str) -> Layout[_Row]:
        """`-o`: `%[.][width]letter`, with any text between. Complains of unknown letters."""
        columns = []
        for right, width, letter, suffix in _LETTER.findall(text):
            if field := self._field(self._letters.get(letter, ""), letter):
                columns.append(Column(field, int(width) if width else None, bool(right), suffix))
        return Layout(text.partition("%")[0], columns)

    def long(self, text: str) -> Layout[_Row]:
        """`-O`: `name[:[.][width][suffix]]`, comma-separated. Complains of unknown names."""
        columns = []
        for item in text.split(","):
            match = _FIELD.match(item)
            if match and (field := self._field(match[1].lower(), item)):
                plain = match[4] is None
                width = int(match[3]) if match[3] else _FIELD_WIDTH if plain else None
                columns.append(Column(field, width, bool(match[2]), match[4] or ""))
        return Layout("", columns)

    def _field(self, name: str, given: str) -> Field[_Row] | None:
        field = self._fields.get(name)
        if field is None:
            print(f"{self._command}: error: Invalid job format specification: {given}", file=sys.stderr)
        return field


def show(layout: Layout[_Row], rows: Sequence[_Row], *, header: bool) -> None:
    """Prints the rows, each on its line."""
    emit([*([layout.header()] if header else []), *(layout.line(row) for row in rows)])


def emit(lines: Sequence[str]) -> None:
    """Prints the lines; bytes that are no text come out as they came in."""
    sys.stdout.buffer.write("".join(line + "\n" for line in lines).encode(errors="surrogateescape"))
