"""`hosted-ce token create` and `link`."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import typer

from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.words import cell, to_the_second

Name = Annotated[
    str,
    typer.Option(
        metavar="TEXT", help="Whose it is; it is shown in histories and logs. No two good tokens share one."
    ),
]
RoleName = Literal["viewer", "operator", "admin"]
ROLE = "What it may: a viewer reads what is not secret, an operator acts, an admin makes tokens."
LONELY = frozenset({"127.0.0.1", "::1", "localhost"})


def create(
    *,
    name: Name,
    role: Annotated[RoleName, typer.Option(help=ROLE)],
    expires: Annotated[
        str, typer.Option(metavar="DURATION", help="For how long it holds, such as 14d; or never.")
    ] = "30d",
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Make a token and print it, this once: the CE keeps a checksum of it alone.

    It goes with each request as a bearer token, or into a file for --token-file.
    """
    asked = {"name": name, "role": role, "expires": None if expires == "never" else expires}
    found = _made(asked, (state_dir, url, token_file))
    if json:
        print_json(found)
        return
    typer.echo(found["token"])
    note(f"token {found['id']}: {_whose(found)}. It is shown this once; keep it where only they read it")


def link(
    *,
    name: Name,
    role: Annotated[RoleName, typer.Option(help=ROLE)] = "viewer",
    expires: Annotated[
        str, typer.Option(metavar="DURATION", help="For how long it holds, such as 3d or 12h.")
    ] = "1d",
    to: Annotated[str, typer.Option(metavar="PATH", help="The page that it leads to.")] = "/",
    once: Annotated[bool, typer.Option("--once", help="It works in one browser, once.")] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Make a token and print a link that signs a browser in with it. It works as often as it is opened."""
    asked = {"name": name, "role": role, "expires": expires, "to": to, "once": once}
    found = _made(asked, (state_dir, url, token_file))
    if json:
        print_json(found)
        return
    typer.echo(found["link"])
    note(f"token {found['id']}: {_whose(found)}. {_use(found)}")
    note_lonely(found["link"])


def note_lonely(link: str) -> None:
    """Says so on stderr if nobody but this machine can open it."""
    if urlsplit(link).hostname in LONELY:
        note("only this machine can open the link: set HOSTED_CE_PUBLIC_URL to the address that people use")


def _made(asked: dict[str, Any], where: tuple[StateFolder, Url, TokenFile]) -> dict[str, Any]:
    from hosted_ce.cli.client import connect

    with connect(*where) as client:
        return client.ask("/tokens", asked)


def _use(made: dict[str, Any]) -> str:
    if made["once"]:
        return "The first who opens the link is in, and nobody else"
    return "Who has the link is in: send it to them alone"


def _whose(made: dict[str, Any]) -> str:
    end = made["expires_at"]
    until = f"until {to_the_second(end)}" if end else "until it is revoked"
    return f"{cell(made['name'])}, {made['role']}, {until}"
