"""The tables of `hosted-ce q` and `hosted-ce history`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hosted_ce.cli.columns import Column, Record
from hosted_ce.cli.words import cell, ending, to_the_second

_STATES = ("idle", "running", "held", "unknown", "completed", "removed", "lost")


def _count(state: str) -> Column:
    return Column(state.upper(), lambda entry: str(entry["counts"][state]))


def _outcomes(entry: Record) -> str:
    parts = [f"{name}={number}" for name, number in sorted(entry["outcomes"].items())]
    if entry["nonzero_exits"]:
        parts.append(f"nonzero={entry['nonzero_exits']}")
    return ",".join(parts) or "-"


ENTRIES = (
    Column("ENTRY", lambda entry: cell(entry["name"])),
    Column("FACTORY", lambda entry: cell(",".join(entry["factories"]))),
    *(_count(state) for state in _STATES),
    Column("IDLE_SINCE", lambda entry: to_the_second(entry["idle_since"])),
    Column("LAST_START", lambda entry: to_the_second(entry["last_started_at"])),
    Column("LAST_DAY", _outcomes),
)

ENTRIES_NARROW = tuple(
    column
    for column in ENTRIES
    if column.title not in ("FACTORY", "COMPLETED", "REMOVED", "LOST", "IDLE_SINCE")
)
"""How the last ones ended is in the last column."""

HELD = (
    Column("ENTRY", lambda held: cell(held["entry"])),
    Column("HELD", lambda held: str(held["pilots"])),
    Column("CAUSE", lambda held: cell(held["hold_cause"])),
    Column("SINCE", lambda held: to_the_second(held["since"])),
    Column("REASON", lambda held: cell(held["reason"])),
)

OVER = (
    Column("ID", lambda pilot: str(pilot["id"])),
    Column("ENTRY", lambda pilot: cell(pilot["entry"])),
    Column("STATE", lambda pilot: cell(pilot["state"])),
    Column("OUTCOME", lambda pilot: cell(pilot["outcome"])),
    Column("CLASS", lambda pilot: cell(pilot["outcome_class"])),
    Column("EXIT", ending),
    Column("BATCH_ID", lambda pilot: cell(pilot["batch_id"])),
    Column("NODE", lambda pilot: cell(pilot["node"])),
    Column("CREATED", lambda pilot: to_the_second(pilot["created_at"])),
    Column("STARTED", lambda pilot: to_the_second(pilot["started_at"])),
    Column("FINISHED", lambda pilot: to_the_second(pilot["finished_at"])),
    Column("REASON", lambda pilot: cell(pilot["reason"])),
)

OVER_NARROW = tuple(
    column
    for column in OVER
    if column.title not in ("ENTRY", "OUTCOME", "EXIT", "BATCH_ID", "CREATED", "STARTED")
)
"""Without what the class and the reason say as well, and what can be asked for by an option."""


def held_reasons(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Why pilots are held, the reason of most of them first."""
    found: Iterator[dict[str, Any]] = (
        {"entry": entry["name"], **each} for entry in entries for each in entry["held"]
    )
    return sorted(found, key=lambda each: -int(each["pilots"]))


def totals_line(totals: Mapping[str, int]) -> str:
    """All in one line, in condor_q's form."""
    parts = ", ".join(f"{totals[state]} {state}" for state in ("completed", "removed", *_STATES[:4], "lost"))
    return f"Total for query: {sum(totals.values())} pilots; {parts}"
