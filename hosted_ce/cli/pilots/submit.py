"""`hosted-ce pilots submit`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hosted_ce.cli.complete import cluster_names
from hosted_ce.cli.errors import CliError, Misuse
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.pilots.each import read_each
from hosted_ce.cli.pilots.request import make_attributes, make_request
from hosted_ce.cli.pilots.test_pilot import body_of, check_options, submit_test
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.values import parse_pairs
from hosted_ce.cli.words import summary
from hosted_ce.test_pilots.kind import Kind

if TYPE_CHECKING:
    from hosted_ce.cli.client import Document


def submit(
    *,
    executable: Annotated[
        Path | None,
        typer.Argument(
            metavar="EXECUTABLE",
            exists=True,
            dir_okay=False,
            help="The file that the pilot runs; not with --test.",
        ),
    ] = None,
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
    test: Annotated[
        Kind | None,
        typer.Option(
            help="A test pilot with a script of its own, which counts as nothing: hello says who it is and "
            "where, on one core; stress uses what it asks for."
        ),
    ] = None,
    route: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --test: goes to this route, whatever the route's `when`."),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --test: goes to this cluster.", autocompletion=cluster_names),
    ] = None,
    node: Annotated[
        str | None, typer.Option(metavar="NODE", help="With --test: runs on this node, also an avoided one.")
    ] = None,
    patience: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="With --test: removed when it has not begun by then.  [default: 30m]"
        ),
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
            metavar="N",
            min=1,
            help="Submit N pilots, a hundred with each request; with --json an array with id, door_key and "
            "state of each is printed.  [default: one]",
        ),
    ] = None,
    each: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Submit a pilot for each line of this file: a JSON object with the `arguments`, "
            "`environment` and `attributes` in which it differs. Otherwise as --count.",
        ),
    ] = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Follow it hop by hop to its end, as `pilots trace` does.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end; fail unless all complete with exit code 0.")
    ] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Submit pilots that run EXECUTABLE, or with --test a test pilot.

    If the connection breaks the request is sent again with the same key, so nothing is submitted twice.
    """
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.pilots.submission import make_keys, submit_all
    from hosted_ce.cli.pilots.trace import follow
    from hosted_ce.cli.pilots.wait import came_back_well, wait_for

    aim: dict[str, Any] = {"route": route, "cluster": cluster, "node": node, "patience": patience}
    others = {
        "EXECUTABLE": executable, "--input": inputs, "--env": env, "--attribute": attribute, "--count": count,
        "--each": each,
    }  # fmt: skip
    check_options(test, {f"--{name}": value for name, value in aim.items()}, others)
    if trace and (count or each or wait):
        raise Misuse("--trace follows one pilot to its end: leave --count, --each and --wait out")
    if count and each:
        raise Misuse("--each says how many pilots there are: leave --count out")
    shape: dict[str, Any] = {"cpus": cpus, "memory": memory, "walltime": walltime, "queue": queue}
    send = partial(submit_test, body_of(test, **shape, **aim)) if test else None
    if send is None:
        if executable is None:
            raise Misuse("name the EXECUTABLE that the pilot runs, or give --test")
        request = make_request(
            executable, arguments or (), inputs or (),
            environment=parse_pairs(env or (), "--env"), attributes=make_attributes(attribute or (), **shape),
        )  # fmt: skip
        differences = read_each(each) if each else None
        send = partial(submit_all, request, each=differences)
        count = len(differences.pilots) if differences else count
    keys, well = make_keys(key, count), True
    with connect(state_dir, url, token_file) as client:
        pilots = _told(send(client, keys), quiet=json, all_or_none=False)
        if trace:
            well = follow(client, pilots[0]["id"], json=json)
        elif wait:
            pilots = _told(wait_for(client, pilots), quiet=json)
            well = all(came_back_well(pilot) for pilot in pilots)
    if json and not trace:
        print_json(pilots[0] if count is None else pilots)
    if not well:
        raise typer.Exit(1)


def _told(found: Iterable[Document], *, quiet: bool, all_or_none: bool = True) -> list[Document]:
    """All of them, each told when it comes; when there is trouble half-way, what came is not lost."""
    pilots: list[Document] = []
    try:
        for pilot in found:
            pilots.append(pilot)
            if not quiet:
                typer.echo(summary(pilot))
    except CliError:
        if quiet and pilots and not all_or_none:
            print_json(pilots)
        raise
    return pilots
