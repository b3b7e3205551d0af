"""Tables: by rich on a terminal; elsewhere plain aligned columns, one line a row, never cut."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import typer

from hosted_ce.cli.columns import Column, Record
from hosted_ce.cli.words import NOTHING, to_the_minute

_STYLES = {"idle": "yellow", "running": "cyan", "completed": "green", "removed": "dim"}
_ALARM = "bold red"
_GAP = 2
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LAST_WIDTH = 12
"""The least width, in characters, of the last column on a terminal: there it is wrapped."""


def print_table(
    columns: Sequence[Column], records: Sequence[Record], *, narrow: Sequence[Column] = ()
) -> None:
    """Prints the records on stdout, in the order given.

    On a terminal that is too narrow for it times are shortened to the minute; if that is not enough, the
    columns are those of `narrow`.
    """
    if not records:
        return
    if sys.stdout.isatty():
        _print_rich(columns, narrow, records)
    else:
        for line in table_lines(columns, records):
            typer.echo(line)


def table_lines(columns: Sequence[Column], records: Sequence[Record]) -> list[str]:
    """The lines of the plain table."""
    return _plain_lines([[column.title for column in columns], *_rows(columns, records)])


def _rows(columns: Sequence[Column], records: Sequence[Record]) -> list[list[str]]:
    return [[column.fill(record) for column in columns] for record in records]


def _plain_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _without_empty(
    columns: Sequence[Column], rows: Sequence[Sequence[str]]
) -> tuple[list[Column], list[list[str]]]:
    """Leaves out the columns that have nothing to show."""
    kept = [index for index in range(len(columns)) if any(row[index] != NOTHING for row in rows)]
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


def _fitting(
    columns: Sequence[Column], narrow: Sequence[Column], records: Sequence[Record], width: int
) -> tuple[list[Column], list[list[str]]]:
    """The columns to show, and their rows: of all ways the first that has room."""
    shown = _without_empty(columns, _rows(columns, records))
    if _least_width(*shown) > width:
        shown = shown[0], _shortened(shown[1])
    if narrow and _least_width(*shown) > width:
        shown = _without_empty(narrow, _shortened(_rows(narrow, records)))
    return shown


def _shortened(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[to_the_minute(text) if _TIME.fullmatch(text) else text for text in row] for row in rows]


def _print_rich(columns: Sequence[Column], narrow: Sequence[Column], records: Sequence[Record]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    columns, rows = _fitting(columns, narrow, records, console.width)
    console.width = max(console.width, _least_width(columns, rows))  # rich would cut what does not fit
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.title, no_wrap=column is not columns[-1], overflow="fold")
    for row in rows:
        cells = zip(columns, row, strict=True)
        table.add_row(*(Text(text, style=_style(column, text)) for column, text in cells))
    console.print(table)


def _least_width(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> int:
    texts = zip([column.title for column in columns], *rows, strict=True)
    *widths, last = (max(map(len, column)) for column in texts)
    return sum(width + _GAP for width in widths) + min(last, _LAST_WIDTH)


def _style(column: Column, text: str) -> str:
    if text == NOTHING:
        return "dim"
    return style_of(text) if column.title == "STATE" else ""


def style_of(state: str) -> str:
    """How a pilot's state is shown on a terminal."""
    return _STYLES.get(state, _ALARM)
