"""`hosted-ce site incidents` and `hosted-ce site downtime`: outages with their causes."""

from __future__ import annotations

from typing import Annotated

import typer

from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_bytes, print_json


def incidents(
    *,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Those that were not over so long ago: 24h, 30d.")
    ] = "30d",
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """List outages of the site: cause, begin, end, pilots affected, and what to do. The newest first."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.site.status import outage_lines

    with connect(state_dir, url, token_file) as client:
        found = client.get("/site/incidents", {"since": since})
    if json:
        print_json(found)
        return
    for one in found["incidents"]:
        for line in outage_lines(one):
            typer.echo(line)
    if not found["incidents"]:
        note("there was no outage")


def downtime(
    *,
    from_incident: Annotated[
        int, typer.Option("--from-incident", min=1, metavar="ID", help="The outage that it announces.")
    ],
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Print a draft of an entry for OSG's Topology that announces an outage, to paste there."""
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        print_bytes(client.get_bytes(f"/site/incidents/{from_incident}/downtime"))
