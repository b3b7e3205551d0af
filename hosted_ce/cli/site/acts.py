"""`hosted-ce site pause`, `resume` and `accept-spool`."""

from __future__ import annotations

from typing import Annotated

import typer

from hosted_ce.cli.complete import cluster_names
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.words import cell

ClusterName = Annotated[
    str,
    typer.Argument(
        metavar="CLUSTER", help="The cluster's name in the site file.", autocompletion=cluster_names
    ),
]


def pause(
    *,
    cluster: ClusterName,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why; it is shown as long as it is paused.")
    ] = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Submit nothing to a cluster until it is resumed, also after a restart. Pilots there go on."""
    _act(
        cluster, "pause", {"reason": reason} if reason else {}, json=json, where=(state_dir, url, token_file)
    )


def resume(
    *,
    cluster: ClusterName,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """End a pause. Also try at once what waits after a failure: a refused login, a refused route."""
    _act(cluster, "resume", {}, json=json, where=(state_dir, url, token_file))


def accept_spool(
    *,
    cluster: ClusterName,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Take the spool that is at the site now for ours, after it was emptied or moved.

    Pilots in doubt are then settled by the queue and accounting alone, which takes longer.
    """
    _act(cluster, "accept-spool", {}, json=json, where=(state_dir, url, token_file))


def _act(
    cluster: str, what: str, asked: dict[str, str], *, json: bool, where: tuple[StateFolder, Url, TokenFile]
) -> None:
    from urllib.parse import quote

    from hosted_ce.cli.client import connect

    with connect(*where) as client:
        found = client.act(f"/site/clusters/{quote(cluster, safe='')}/{what}", asked)
    if json:
        print_json(found)
    else:
        typer.echo(f"{cell(found['name'])}: {cell(found['state'])} {cell(found['state_reason'])}")
