"""`hosted-ce session tick`, `skip`, `reopen`, `note` and `settle`."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.session.options import CURRENT, Item, Reason

Where = tuple[StateFolder, Url, TokenFile]


def tick(
    *,
    item: Item,
    reason: Reason = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Say that an item is done which only people can see. What is watched or run is not ticked."""
    _say({"said": "tick", "item": item, "text": reason}, f"{item}: done", json, (state_dir, url, token_file))


def skip(
    *,
    item: Item,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is left out.")],
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Leave an item out, for a reason. It is left open with its owner until it is seen to be done."""
    _say(
        {"said": "skip", "item": item, "text": reason}, f"{item}: skipped", json, (state_dir, url, token_file)
    )


def reopen(
    *,
    item: Item,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Take back what was said of an item."""
    _say({"said": "reopen", "item": item}, f"{item}: open again", json, (state_dir, url, token_file))


def note(
    *,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to write down.")],
    decision: Annotated[bool, typer.Option("--decision", help="It was decided.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="It is left to do.")] = False,
    item: Annotated[
        str | None,
        typer.Option("--item", metavar="ITEM", help="With --open: about an item that failed or was skipped."),
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="NAME", help="With --open: who does it.")
    ] = None,
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help="With --open: until when.")] = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Write down a note, a decision, or what is left to do. Dates are written 2026-12-01."""
    if decision and open_:
        raise Misuse("--decision and --open are two things: write each down")
    if (item or owner or due) and not open_:
        raise Misuse("--item, --owner and --due are of what is left to do: add --open")
    said = "decision" if decision else "open" if open_ else "note"
    remark = {"said": said, "text": text, "item": item, "owner": owner, "due": due}
    _say(remark, f"{said} written down", json, (state_dir, url, token_file))


def settle(
    *,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="As `session show` has it.")],
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Say that something which was left to do is done."""
    _say({"said": "settle", "about": number}, f"{number} is settled", json, (state_dir, url, token_file))


def _say(remark: dict[str, Any], done: str, json: bool, where: Where) -> None:
    from hosted_ce.cli.client import connect

    given = {name: value for name, value in remark.items() if value is not None}
    with connect(*where) as client:
        entry = client.post(f"/sessions/{CURRENT}/entries", given, key=str(uuid4()))
    if json:
        print_json(entry)
    elif entry["said"] == "open" and not entry["item"]:
        typer.echo(f"{done}; when it is done: hosted-ce session settle {entry['number']}")
    else:
        typer.echo(done)
