"""`hosted-ce session show`."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.session.options import Shown, which

if TYPE_CHECKING:
    from hosted_ce.cli.client import Client

LOOK_S = 2.0


def show(
    *,
    number: Shown = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing it; end it by Ctrl-C.")] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Show how a session stands: its checklist, what is seen of each item, and what is left to do."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.session.lines import lines_of

    if watch and json:
        raise Misuse("--watch is for people, --json for programs: take one of them")
    path = f"/sessions/{which(number)}"
    with connect(state_dir, url, token_file) as client:
        if watch:
            with suppress(KeyboardInterrupt):
                _watch(client, path)
            return
        found = client.get(path)
    if json:
        print_json(found)
    elif sys.stdout.isatty():
        from hosted_ce.cli.session.draw import print_board

        print_board(found)
    else:
        for line in lines_of(found):
            typer.echo(line)


def _watch(client: Client, path: str) -> None:
    """On a terminal the whole board, again and again; elsewhere each item when it changes, until the end."""
    if sys.stdout.isatty():
        from hosted_ce.cli.session.draw import live

        live(lambda: client.get(path), LOOK_S)
        return
    from hosted_ce.cli.session.lines import head, result

    told: set[str] = set()
    while True:
        board = client.get(path)
        now = [result(item) for phase in board["phases"] for item in phase["items"]]
        for line in (line for line in now if line not in told):
            typer.echo(line)
        told = set(now)
        if board["session"]["ended_at"]:
            typer.echo(head(board))
            return
        time.sleep(LOOK_S)
