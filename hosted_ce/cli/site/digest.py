"""`hosted-ce site digest`: the site's last days on one page."""

from __future__ import annotations

from typing import Annotated

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_bytes, print_json


def digest(
    *,
    since: Annotated[str, typer.Option(metavar="TIME", help="How far back: 24h, 7d, 30d.")] = "7d",
    json: Json = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print Markdown.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Print a page of HTML, to mail.")] = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Sum the last days up: contributions, what became better or worse, outages, open problems, suggestions.

    Those of full weeks are written into the folder `digests` of the state folder: a cron job may mail them.
    """
    from hosted_ce.cli.client import connect

    if json + markdown + html > 1:
        raise Misuse("--json, --markdown and --html are forms of the same: give one of them")
    form = "json" if json else "markdown" if markdown else "html" if html else "text"
    with connect(state_dir, url, token_file) as client:
        wanted = {"since": since, "format": form}
        if json:
            print_json(client.get("/site/digest", wanted))
        else:
            print_bytes(client.get_bytes("/site/digest", wanted))
