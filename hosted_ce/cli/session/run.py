"""`hosted-ce session run`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.session.options import CURRENT
from hosted_ce.cli.words import cell

if TYPE_CHECKING:
    from hosted_ce.cli.client import Client

LOOK_S = 1.0
PATIENCE_S = 120.0
"""Some more than what the CE gives to what has its result at once."""


def run(
    *,
    item: Annotated[
        str | None, typer.Argument(metavar="[ITEM]", help="The item's id, as `session show` has it.")
    ] = None,
    following: Annotated[bool, typer.Option("--next", help="The next that can be run.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has ended.")] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Start what an item is about: checks, a test pilot, the ramp.

    The exit code is 1 if it did not go well, as far as that is known: with --wait it is.
    """
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.session.lines import result

    if (item is None) is not following:
        raise Misuse("which item? Name one, or take --next; `hosted-ce session show` lists them")
    with connect(state_dir, url, token_file) as client:
        path, params = f"/sessions/{CURRENT}/run", {"item": item} if item else {}
        entry = client.act(path, params, timeout=PATIENCE_S, key=str(uuid4()))
        if not json:
            typer.echo(f"{entry['item']}: {cell(entry['text'])}")
        found = _settled(client, entry["item"]) if wait else None
    if json:
        print_json({"entry": entry, "item": found})
    elif found:
        typer.echo(result(found))
    if entry["well"] is False or (found and found["state"] == "failed"):
        raise typer.Exit(1)


def _settled(client: Client, item: str) -> dict[str, Any]:
    """The item when it does not run any more; a line on stderr for each change on the way."""
    from hosted_ce.cli.session.lines import result

    told = ""
    while True:
        board = client.get(f"/sessions/{CURRENT}")
        found: dict[str, Any] = next(
            each for phase in board["phases"] for each in phase["items"] if each["id"] == item
        )
        if found["state"] != "running":
            return found
        if result(found) != told:
            told = result(found)
            note(told)
        time.sleep(LOOK_S)
