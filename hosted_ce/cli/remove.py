# ruff: noqa: PLC0415 - see hosted_ce.cli: heavy modules are imported inside commands
"""`hosted-ce pilots remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.errors import Refused
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.words import summary

if TYPE_CHECKING:
    from hosted_ce.cli.client import Client, Document


def remove(
    *,
    pilot_ids: Annotated[list[int], typer.Argument(metavar="ID", min=1, help="The pilots' numbers.")],
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why; it is kept in the pilot's history.")
    ] = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Ask for the removal of pilots. Their batch jobs are cancelled; with --json an array is printed.

    A pilot is in state removed when the site has confirmed it. One that cannot be removed does not keep the others.
    """
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        answers = [_remove(client, pilot_id, reason) for pilot_id in pilot_ids]
    removed = [answer for answer in answers if answer is not None]
    if json:
        print_json(removed)
    else:
        for pilot in removed:
            typer.echo(summary(pilot))
    if len(removed) < len(answers):
        raise typer.Exit(1)


def _remove(client: Client, pilot_id: int, reason: str | None) -> Document | None:
    try:
        return client.delete(f"/pilots/{pilot_id}", {"reason": reason} if reason else {})
    except Refused as error:
        for line in error.lines:
            note(line)
        return None
