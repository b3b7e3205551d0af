"""`hosted-ce site probe`: what a cluster is, what our account can do there, and what is wrong with it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json

PATIENCE_S = 200.0
"""Some more than what the CE gives a site for all its answers."""


def probe(
    cluster: Annotated[
        str | None, typer.Argument(metavar="[CLUSTER]", help="The cluster's name in the site file; all.")
    ] = None,
    *,
    last: Annotated[
        bool, typer.Option("--last", help="What the last probe found; ask nothing anew.")
    ] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Ask a site what it is and what the account can do there; problems come first, with what to do.

    It reads only, by a handful of commands at the login node. The CE does it by itself at the first contact,
    and the engine goes by it. The exit code is 0 also when there are problems, 1 when a site cannot be asked.
    """
    from hosted_ce.cli.client import Client, connect
    from hosted_ce.cli.errors import Refused
    from hosted_ce.cli.site.probe_lines import lines_of

    def ask(client: Client, name: str) -> dict[str, Any]:
        path = f"/site/clusters/{quote(name, safe='')}"
        if last:
            return client.get(f"{path}/capabilities")
        return client.act(f"{path}/probe", {}, timeout=PATIENCE_S)

    found, refused = [], False
    with connect(state_dir, url, token_file) as client:
        names = [cluster] if cluster else [each["name"] for each in client.get("/site")["clusters"]]
        for name in names:
            try:
                found.append(ask(client, name))
            except Refused as error:
                if cluster:
                    raise
                refused = True
                note(str(error))
    if json:
        print_json(found[0] if cluster else found)
    else:
        for line in lines_of(found):
            typer.echo(line)
    if refused:
        raise typer.Exit(1)
