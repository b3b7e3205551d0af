"""`hosted-ce pilots submit`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.errors import CliError
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.request import Request, make_attributes, make_request
from hosted_ce.cli.values import parse_pairs
from hosted_ce.cli.words import summary

if TYPE_CHECKING:
    from hosted_ce.cli.client import Client, Document
    from hosted_ce.cli.submission import Keys


def submit(
    *,
    executable: Annotated[
        Path,
        typer.Argument(
            metavar="EXECUTABLE", exists=True, dir_okay=False, help="The file that the pilot runs."
        ),
    ],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="ARG", help="Its arguments; put -- before the first that begins with a dash."),
    ] = None,
    inputs: Annotated[
        list[Path] | None,
        typer.Option(
            "--input",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A file for its working directory; can be given again.",
        ),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="An environment variable; can be given again."),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="A ClassAd attribute; can be given again. Numbers, true and false are taken as such, unless "
            "in double quotes: NAME='\"5\"'.",
        ),
    ] = None,
    cpus: Annotated[int | None, typer.Option(metavar="N", min=1, help="Cores; sets xcount.")] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Memory, such as 4GB; sets maxMemory.")
    ] = None,
    walltime: Annotated[
        str | None, typer.Option(metavar="TIME", help="Longest run, such as 2h or 30m; sets maxWallTime.")
    ] = None,
    queue: Annotated[
        str | None, typer.Option(metavar="NAME", help="The site's queue or partition; sets queue.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            metavar="KEY",
            help="Idempotency key: the same request with the same key is submitted only once.  "
            "[default: a random one]",
        ),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Submit N pilots; with --json an array is printed.  [default: one]"
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end; fail unless all complete with exit code 0.")
    ] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Submit pilots that run EXECUTABLE.

    If the connection breaks the request is sent again with the same key, so nothing is submitted twice.
    """
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.submission import make_keys
    from hosted_ce.cli.wait import came_back_well, wait_for

    request = make_request(
        executable,
        arguments or (),
        inputs or (),
        environment=parse_pairs(env or (), "--env"),
        attributes=make_attributes(attribute or (), cpus=cpus, memory=memory, walltime=walltime, queue=queue),
    )
    keys = make_keys(key, count)
    with connect(state_dir, url, token_file) as client:
        pilots = _submit(client, request, keys, quiet=json)
        if wait:
            pilots = _tell(wait_for(client, pilots), quiet=json)
    if json:
        print_json(pilots[0] if count is None else pilots)
    if wait and not all(came_back_well(pilot) for pilot in pilots):
        raise typer.Exit(1)


def _submit(client: Client, request: Request, keys: Keys, *, quiet: bool) -> list[Document]:
    from hosted_ce.cli.submission import submit_all

    pilots: list[Document] = []
    try:
        for pilot in submit_all(client, request, keys):
            pilots.append(pilot)
            if not quiet:
                typer.echo(summary(pilot))
    except CliError:
        if quiet and pilots:
            print_json(pilots)
        raise
    return pilots


def _tell(pilots: Iterable[Document], *, quiet: bool) -> list[Document]:
    told = []
    for pilot in pilots:
        told.append(pilot)
        if not quiet:
            typer.echo(summary(pilot))
    return told
