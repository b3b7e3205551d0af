"""One pilot in full, for a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import typer

from hosted_ce.cli.tables import HISTORY, print_table
from hosted_ce.cli.words import cell, moment, summary


def print_details(pilot: Mapping[str, Any]) -> None:
    """Prints what is known of the pilot, and its history, on stdout."""
    typer.echo(summary(pilot))
    told = {
        name: value for name, value in pilot.items() if name not in ("id", "history") and value is not None
    }
    width = max((len(name) for name in told), default=0)
    for name, value in told.items():
        typer.echo(f"  {name.ljust(width)}  {_spelled(name, value)}")
    if history := pilot.get("history"):
        typer.echo("\nHistory")
        print_table(HISTORY, history)


def _spelled(name: str, value: object) -> str:
    if name.endswith("_at") and isinstance(value, int | float | str):
        return moment(value)
    return cell(json.dumps(value) if isinstance(value, dict | list) else value)
