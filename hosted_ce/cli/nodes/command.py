"""`hosted-ce nodes`: how pilots end on the site's nodes, and which nodes get none."""

from __future__ import annotations

from typing import Annotated

import typer

from hosted_ce.cli.groups import examples, new_group
from hosted_ce.cli.nodes.acts import allow, avoid
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json

Limit = Annotated[int, typer.Option(min=1, max=1000, help="Most to show.")]

nodes = new_group(
    "Show how pilots ended on each node within six hours: those that kill pilots first.\n\n"
    "With a command: send no pilots to a node for a while, or send them again.",
    epilog=examples(
        "hosted-ce nodes",
        "hosted-ce nodes --json --limit 1000",
        "hosted-ce nodes avoid main n007 --for 24h --reason 'no CVMFS, ticket 4711'",
    ),
    needs_command=False,
)


@nodes.callback(invoke_without_command=True)
def show(
    *,
    context: typer.Context,
    limit: Limit = 50,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Shows the nodes, unless a command is given."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.columns import NODES
    from hosted_ce.cli.tables import print_table

    if context.invoked_subcommand:
        return
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


@nodes.command(epilog=examples("hosted-ce nodes avoidances", "hosted-ce nodes avoidances --limit 500 --json"))
def avoidances(
    limit: Limit = 50,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """List which nodes are and were avoided within 90 days, by whom and why: the newest first."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.columns import AVOIDANCES
    from hosted_ce.cli.tables import print_table

    with connect(state_dir, url, token_file) as client:
        found = client.get("/nodes/avoidances", {"limit": limit})
    if json:
        print_json(found)
    elif found["avoidances"]:
        print_table(AVOIDANCES, found["avoidances"])
    else:
        note("no node was avoided")


nodes.command(
    epilog=examples(
        "hosted-ce nodes avoid main n007 --for 24h",
        "hosted-ce nodes avoid main n007 --for 3d --reason 'no CVMFS, ticket 4711'",
    )
)(avoid)
nodes.command(epilog=examples("hosted-ce nodes allow main n007"))(allow)
