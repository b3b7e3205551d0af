"""The table of `hosted-ce contributions`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hosted_ce.cli.columns import Column, Record
from hosted_ce.cli.words import NOTHING, cell


def _hours(title: str, name: str) -> Column:
    return Column(title, lambda row: NOTHING if row[name] is None else f"{row[name]:.1f}")


def _count(title: str, name: str) -> Column:
    return Column(title, lambda row: str(row[name]))


def _efficiency(row: Record) -> str:
    return (
        f"{100 * row['used'] / row['used_of']:.0f}%"
        if row["used"] is not None and row["used_of"]
        else NOTHING
    )


def _wait(row: Record) -> str:
    return NOTHING if row["mean_wait_s"] is None else f"{row['mean_wait_s']:.0f}s"


def columns(by: str) -> tuple[Column, ...]:
    """Those of the table by VO, route, entry or cluster. Core hours, but for counts and the wait."""
    return (
        Column(by.upper(), lambda row: cell(row["name"])),
        _hours("GRANTED", "granted"),
        _hours("RUNNING", "running_so_far"),
        _hours("ASKED", "asked"),
        _hours("CPU", "used"),
        Column("CPU_OF_KNOWN", _efficiency),
        _hours("EARLY", "early"),
        _hours("FAILED", "failed"),
        _hours("UNCLASSED", "unclassed"),
        _count("ENDED", "ended"),
        Column("MEAN_WAIT", _wait),
    )


def remarks(found: Mapping[str, Any]) -> Iterator[str]:
    """What the numbers do not have in them."""
    total = found["total"]
    if not found["rows"]:
        yield f"no pilot ran from {found['since']} to {found['until']}"
    if found["first_day"] and found["first_day"] > found["since"]:
        yield f"counted since {found['first_day']}: of the days before nothing is on record"
    if unknown := total["not_known"] + total["running_not_known"]:
        yield f"not in these numbers: {unknown} runs of which nobody knows how long they are"
    if total["assumed"]:
        yield f"of {total['assumed']:.1f} granted hours the cores asked are counted: the site did not say"
    if found["left_out"]:
        yield f"{found['left_out']} more are left out, and counted in the total"
