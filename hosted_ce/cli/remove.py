"""`hosted-ce pilots remove`."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
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

    A pilot's state is removed when the site has confirmed it. An unknown pilot does not keep the others.
    """
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        removed = _remove_all(client, pilot_ids, reason, quiet=json)
    if json:
        print_json(removed)
    if len(removed) < len(pilot_ids):
        raise typer.Exit(1)


def _remove_all(
    client: Client, pilot_ids: Sequence[int], reason: str | None, *, quiet: bool
) -> list[Document]:
    removed = []
    for pilot_id in pilot_ids:
        try:
            pilot = client.delete(f"/pilots/{pilot_id}", {"reason": reason} if reason else {})
        except Refused as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            note(f"error: {error}")
            continue
        removed.append(pilot)
        if not quiet:
            typer.echo(summary(pilot))
    return removed
