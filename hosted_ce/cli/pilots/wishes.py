"""`hosted-ce pilots hold`, `release` and `remove`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.complete import pilot_ids
from hosted_ce.cli.errors import Refused
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.words import summary
from hosted_ce.pilots.states import FINAL

if TYPE_CHECKING:
    from hosted_ce.cli.client import Client, Document

PilotIds = Annotated[
    list[int], typer.Argument(metavar="ID", min=1, help="The pilots' numbers.", autocompletion=pilot_ids)
]
Why = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in the pilot's history.")
]
Where = tuple[StateFolder, Url, TokenFile]
OF_ONE_PILOT = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT})
"""Refusals that say nothing about other pilots."""


def hold(
    *,
    pilot_ids: PilotIds,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Hold pilots until they are released. Their batch jobs are cancelled; with --json an array is printed.

    A pilot's state is held when the site has confirmed it. A factory sees the hold in its own queue, too. The
    exit code is 1 when one of them is over or unknown; it does not keep the others.
    """
    _ask(pilot_ids, reason, _verb("hold"), json=json, where=(state_dir, url, token_file))


def release(
    *,
    pilot_ids: PilotIds,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Release held pilots: they are routed anew, and get new batch jobs.

    A pilot that a factory brought is released at the factory; the error says how. The exit code is 1 when one
    of them is over or unknown; it does not keep the others.
    """
    _ask(pilot_ids, reason, _verb("release"), json=json, where=(state_dir, url, token_file))


def remove(
    *,
    pilot_ids: PilotIds,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Ask for the removal of pilots. Their batch jobs are cancelled; with --json an array is printed.

    A pilot's state is removed when the site has confirmed it. An unknown pilot does not keep the others.
    """
    _ask(pilot_ids, reason, _removal, json=json, where=(state_dir, url, token_file))


Wish = Callable[["Client", int, dict[str, str]], "Document"]


def _verb(name: str) -> Wish:
    """Raises Refused for a pilot that is over: it cannot be what was asked for any more."""

    def ask(client: Client, pilot_id: int, asked: dict[str, str]) -> Document:
        pilot = client.act(f"/pilots/{pilot_id}/{name}", asked)
        if pilot["state"] in FINAL:
            raise Refused(HTTPStatus.CONFLICT, f"{summary(pilot)}: it is over, so there is nothing to {name}")
        return pilot

    return ask


def _removal(client: Client, pilot_id: int, asked: dict[str, str]) -> Document:
    return client.delete(f"/pilots/{pilot_id}", asked)


def _ask(pilot_ids: Sequence[int], reason: str | None, wish: Wish, *, json: bool, where: Where) -> None:
    from hosted_ce.cli.client import connect

    asked = {"reason": reason} if reason else {}
    with connect(*where) as client:
        done = _of_each(pilot_ids, lambda pilot_id: wish(client, pilot_id, asked), quiet=json)
    if json:
        print_json(done)
    if len(done) < len(pilot_ids):
        raise typer.Exit(1)


def _of_each(pilot_ids: Sequence[int], ask: Callable[[int], Document], *, quiet: bool) -> list[Document]:
    done = []
    for pilot_id in pilot_ids:
        try:
            pilot = ask(pilot_id)
        except Refused as error:
            if error.status not in OF_ONE_PILOT:
                raise
            note(f"error: {error}")
            continue
        done.append(pilot)
        if not quiet:
            typer.echo(summary(pilot))
    return done
