"""`hosted-ce pilots adopt` and `abandon`: an operator settles a submission in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from hosted_ce.cli.options import Json, PilotId, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.words import summary

Why = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it is kept in its history.")]
Force = Annotated[
    bool,
    typer.Option("--force", help="Also when the site cannot be asked. What it shows is never overruled."),
]


def adopt(
    *,
    pilot_id: PilotId,
    batch_id: Annotated[str, typer.Option("--batch-id", metavar="N", help="The batch job's id at the site.")],
    force: Force = False,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Say which batch job a pilot in doubt has. The job's name must be the pilot's stamp."""
    asked = {"batch_id": batch_id, "force": force, "reason": reason}
    _settle(f"/pilots/{pilot_id}/adopt", asked, json=json, where=(state_dir, url, token_file))


def abandon(
    *,
    pilot_id: PilotId,
    force: Force = False,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Say that a pilot in doubt has no batch job and will have none: a new attempt begins."""
    asked = {"force": force, "reason": reason}
    _settle(f"/pilots/{pilot_id}/abandon", asked, json=json, where=(state_dir, url, token_file))


def _settle(
    path: str, asked: Mapping[str, Any], *, json: bool, where: tuple[StateFolder, Url, TokenFile]
) -> None:
    from hosted_ce.cli.client import connect

    with connect(*where) as client:
        pilot = client.act(path, {name: value for name, value in asked.items() if value is not None})
    if json:
        print_json(pilot)
    else:
        typer.echo(summary(pilot))
