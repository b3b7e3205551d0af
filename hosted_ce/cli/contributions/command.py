"""`hosted-ce contributions`: core hours that the site gave to pilots."""

from __future__ import annotations

from typing import Annotated

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_bytes, print_json

BY = ("vo", "route", "entry", "cluster")


def contributions(
    *,
    by: Annotated[str, typer.Option(metavar="vo|route|entry|cluster", help="What is summed up.")] = "vo",
    since: Annotated[
        str,
        typer.Option(metavar="DAY", help="The first day of UTC: 2026-03-01, or 30d for so long ago."),
    ] = "30d",
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day, which is included.  [default: today]")
    ] = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")] = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Show the core hours that the site gave: asked, granted, used, and what became of them.

    A run counts in the days in which it ran, also while it goes on.
    """
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.contributions.columns import columns, remarks
    from hosted_ce.cli.tables import print_table

    if json and csv:
        raise Misuse("--json and --csv are two forms of the same: give one of them")
    if by not in BY:
        raise Misuse(f"--by {by}: give one of {', '.join(BY)}")
    wanted = {"by": by, "since": since} | ({"until": until} if until else {})
    with connect(state_dir, url, token_file) as client:
        if csv:
            print_bytes(client.get_bytes("/contributions", wanted | {"format": "csv"}))
            return
        found = client.get("/contributions", wanted)
    if json:
        print_json(found)
        return
    rows = found["rows"]
    print_table(columns(by), [*rows, found["total"] | {"name": "TOTAL"}] if len(rows) > 1 else rows)
    for line in remarks(found):
        note(line)
