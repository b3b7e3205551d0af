# ruff: noqa: PLC0415 - see hosted_ce.cli: rich is heavy, and only a terminal needs it
"""Tables: by rich on a terminal; elsewhere plain aligned columns, one line a row, never cut."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import typer

from hosted_ce.cli.words import NOTHING, cell, ending, to_the_second

_STYLES = {"idle": "yellow", "running": "cyan", "completed": "green", "removed": "dim"}
_ALARM = "bold red"

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and how a record of the API fills it. Only the last one may have spaces in it."""

    title: str
    fill: Callable[[Record], str]


def _field(title: str, name: str) -> Column:
    return Column(title, lambda record: cell(record[name]))


PILOTS = (
    _field("ID", "id"),
    _field("STATE", "state"),
    _field("BATCH_ID", "batch_id"),
    _field("ROUTE", "route"),
    _field("CLUSTER", "cluster"),
    _field("NODE", "node"),
    Column("EXIT", ending),
    Column("CREATED", lambda pilot: to_the_second(pilot["created_at"])),
    _field("EXECUTABLE", "executable"),
    _field("REASON", "reason"),
)

CLUSTERS = (
    _field("CLUSTER", "name"),
    _field("BATCH", "batch"),
    Column("LOGINS", lambda cluster: cell(",".join(cluster["logins"]))),
    _field("ACCOUNT", "account"),
    _field("CONTACT", "contact"),
    Column("SINCE", lambda cluster: to_the_second(cluster["since"])),
    Column("LISTED", lambda cluster: to_the_second(cluster["listed_at"])),
    Column("SUBMITS", lambda cluster: "yes" if cluster["submitting"] else "no"),
    Column("PROBLEM", lambda cluster: cell(cluster["problem"] or cluster["closed_reason"])),
)

ROUTES = (
    _field("ROUTE", "name"),
    _field("CLUSTER", "cluster"),
    Column("PILOTS", lambda route: _used(route, "pilots")),
    Column("IDLE", lambda route: _used(route, "idle")),
    _field("WHEN", "when"),
)

HISTORY = (
    _field("AT", "at"),
    _field("WHAT", "what"),
    _field("ACTOR", "actor"),
    _field("STATE", "state"),
    _field("REASON", "reason"),
)


def print_table(columns: Sequence[Column], records: Sequence[Record]) -> None:
    """Prints the records on stdout, in the order given."""
    rows = [[column.fill(record) for column in columns] for record in records]
    if sys.stdout.isatty():
        _print_rich(columns, rows)
    else:
        for line in _plain_lines([[column.title for column in columns], *rows]):
            typer.echo(line)


def _used(route: Record, what: str) -> str:
    return f"{route['usage'][what]}/{route['limits'][what]}"


def _plain_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _print_rich(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.title, no_wrap=column is not columns[-1], overflow="fold")
    for row in rows:
        cells = zip(columns, row, strict=True)
        table.add_row(*(Text(text, style=_style(column, text)) for column, text in cells))
    Console().print(table)


def _style(column: Column, text: str) -> str:
    if text == NOTHING:
        return "dim"
    return _STYLES.get(text, _ALARM) if column.title == "STATE" else ""
