"""What operators do to ramps: `hosted-ce ramp pin`, `pause` and so on."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_json
from hosted_ce.cli.words import cell

RouteName = Annotated[str, typer.Argument(metavar="ROUTE", help="The route's name in the site file.")]
Why = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the step.")]


def pin(
    *,
    route: RouteName,
    cap: Annotated[
        int | None, typer.Argument(min=0, metavar="N", help="How many pilots; as many as now without it.")
    ] = None,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Admit so many pilots until it is unpinned, also after a restart. Pilots that are there stay."""
    _act(route, "pin", {"cap": cap, "reason": reason}, (state_dir, url, token_file), json=json)


def unpin(
    *,
    route: RouteName,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Go on from where it is pinned."""
    _act(route, "unpin", {"reason": reason}, (state_dir, url, token_file), json=json)


def pause(
    *,
    route: RouteName,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Do not go up any more, also after a restart. It still goes back when pilots fail."""
    _act(route, "pause", {"reason": reason}, (state_dir, url, token_file), json=json)


def resume(
    *,
    route: RouteName,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """End a pause."""
    _act(route, "resume", {"reason": reason}, (state_dir, url, token_file), json=json)


def skip(
    *,
    route: RouteName,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Admit the whole target at once. It still goes back when pilots fail."""
    _act(route, "skip", {"reason": reason}, (state_dir, url, token_file), json=json)


def restart(
    *,
    route: RouteName,
    reason: Why = None,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Begin anew at the start. Pilots that are there stay."""
    _act(route, "restart", {"reason": reason}, (state_dir, url, token_file), json=json)


def _act(
    route: str, what: str, asked: dict[str, Any], where: tuple[StateFolder, Url, TokenFile], *, json: bool
) -> None:
    from urllib.parse import quote

    from hosted_ce.cli.client import connect

    given = {name: value for name, value in asked.items() if value is not None}
    with connect(*where) as client:
        found = client.act(f"/ramps/{quote(route, safe='')}/{what}", given)
    if json:
        print_json(found)
    else:
        admitted = f"{found['cap']} of {found['target']} pilots are admitted"
        typer.echo(f"{cell(found['route'])}: {admitted}; {cell(found['said'])}")
