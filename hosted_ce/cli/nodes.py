"""`hosted-ce nodes`: how pilots end on the site's nodes."""

from __future__ import annotations

from typing import Annotated

import typer

from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json


def nodes(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most nodes to show.")] = 50,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Show how pilots ended on each node within six hours: those that kill pilots first.

    What ended before the CE was started does not count.
    """
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.columns import NODES
    from hosted_ce.cli.tables import print_table

    with connect(state_dir, url, token_file) as client:
        found = client.get("/nodes", {"limit": limit})
    if json:
        print_json(found)
        return
    print_table(NODES, found["nodes"])
    if not found["nodes"]:
        note("no pilot has ended on a node within six hours")
    if found["left_out"]:
        note(f"{found['left_out']} more nodes; --limit shows them")
