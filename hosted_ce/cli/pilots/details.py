"""One pilot in full, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from hosted_ce.cli.columns import HISTORY
from hosted_ce.cli.outline import outline
from hosted_ce.cli.tables import print_table
from hosted_ce.cli.words import summary

LISTED = frozenset({"history", "attempts"})


def print_details(pilot: Mapping[str, Any]) -> None:
    """Prints what is known of the pilot, and its history, on stdout."""
    typer.echo(summary(pilot))
    typer.echo(
        f"\n{outline(_known({name: pilot[name] for name in pilot if name not in ('history', 'attempts')}))}"
    )
    if history := pilot["history"]:
        typer.echo("\nhistory:")
        print_table(HISTORY, history)


def _known(record: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: _known(value) if isinstance(value, dict) else value for name, value in record.items()}
    return {name: value for name, value in found.items() if value not in (None, {}, [])}
