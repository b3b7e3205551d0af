"""`hosted-ce nodes avoid` and `allow`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.site.acts import ClusterName
from hosted_ce.cli.words import cell, to_the_second

NodeName = Annotated[str, typer.Argument(metavar="NODE", help="The node's name in the batch system.")]


def avoid(
    *,
    cluster: ClusterName,
    node: NodeName,
    duration: Annotated[str, typer.Option("--for", metavar="DURATION", help="For how long, such as 24h.")],
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why; it is shown as long as the node is avoided.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also a node on which no pilot ended within six hours.")
    ] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Send no pilot to a node for a while, also after a restart. Pilots that are there go on."""
    asked = {"for": duration, "reason": reason, "force": force or None}
    given = {name: value for name, value in asked.items() if value is not None}
    found = _act(cluster, node, "avoid", given, (state_dir, url, token_file))
    if json:
        print_json(found)
    else:
        typer.echo(f"{cell(found['node'])}: avoided until {to_the_second(found['until'])}")


def allow(
    *,
    cluster: ClusterName,
    node: NodeName,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Send pilots to an avoided node again. What failed there before does not count again."""
    found = _act(cluster, node, "allow", {}, (state_dir, url, token_file))
    if json:
        print_json(found)
    else:
        typer.echo(f"{cell(found['node'])}: gets pilots again")


def _act(
    cluster: str, node: str, what: str, asked: dict[str, Any], where: tuple[StateFolder, Url, TokenFile]
) -> dict[str, Any]:
    from urllib.parse import quote

    from hosted_ce.cli.client import connect

    path = f"/site/clusters/{quote(cluster, safe='')}/nodes/{quote(node, safe='')}/{what}"
    with connect(*where) as client:
        return client.act(path, asked)
