"""`hosted-ce session begin`, `link`, `end` and `list`."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

import typer

from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.session.options import Expires
from hosted_ce.cli.token.making import note_lonely
from hosted_ce.cli.words import cell, to_the_minute


def begin(
    *,
    partner: Annotated[str, typer.Option("--with", metavar="NAME", help="Who the other side is.")],
    expires: Expires = "1d",
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Begin a session, and print its page and the link for the site.

    One session is open at a time; it goes on after a restart. With the link the site sees all pages and
    changes nothing.
    """
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        session = client.post("/sessions", {"partner": partner}, key=str(uuid4()))
        link = client.act(f"/sessions/{session['id']}/link", {"for": expires})
    if json:
        print_json({"session": session, "link": link})
        return
    typer.echo(f"session {session['id']} with {cell(session['partner'])} has begun")
    typer.echo(f"page for us:       {link['page']}")
    typer.echo(f"link for the site: {link['link']}")
    until = to_the_minute(link["expires_at"])
    note(f"the link opens the page for reading until {until} UTC; it is told this once")
    note_lonely(link["link"])


def link(
    *,
    expires: Expires = "1d",
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Make a new link for the site. The one of before opens nothing any more."""
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        found = client.act("/sessions/latest/link", {"for": expires})
    if json:
        print_json(found)
    else:
        typer.echo(found["link"])
        note_lonely(found["link"])


def end(
    *,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """End the session that is open. It stays as it is from then on."""
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        found = client.act("/sessions/current/end", {})
    if json:
        print_json(found)
        return
    typer.echo(f"session {found['session']['id']} has ended; {len(found['open_items'])} items are left to do")
    note("its minutes: hosted-ce session minutes")
    note(
        "the site's link goes on until it expires; an admin ends it before: hosted-ce token revoke NUMBER "
        "(hosted-ce token list has the number)"
    )


def show_all(
    *,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """List sessions, the newest first."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.columns import SESSIONS
    from hosted_ce.cli.tables import print_table

    with connect(state_dir, url, token_file) as client:
        found = client.get("/sessions")
    if json:
        print_json(found)
    elif found["sessions"]:
        print_table(SESSIONS, found["sessions"])
    else:
        note("there was no session yet")
