"""`hosted-ce session minutes`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.options import StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_bytes
from hosted_ce.cli.session.options import Shown, which
from hosted_ce.cli.whole_files import write_whole


def minutes(
    *,
    number: Shown = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="In Markdown; so it is without an option.")
    ] = False,
    html: Annotated[bool, typer.Option("--html", help="As a page of HTML to mail.")] = False,
    text: Annotated[bool, typer.Option("--text", help="As plain text.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON: all that they are written from.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", dir_okay=False, help="Write into this file, over what is there."
        ),
    ] = None,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Print the minutes of a session: decisions, open items, what was run and found, and what comes next.

    They are written from what is on record: once the session has ended, they are the same each time.
    """
    from hosted_ce.cli.client import connect

    if markdown + html + text + json > 1:
        raise Misuse("--markdown, --html, --text and --json are forms of the same: take one of them")
    form, path = "html" if html else "text" if text else "markdown", f"/sessions/{which(number)}"
    with connect(state_dir, url, token_file) as client:
        found = client.get_bytes(path) if json else client.get_bytes(f"{path}/minutes", {"format": form})
    if output is None:
        print_bytes(found)
        return
    write_whole({output: found.decode()}, force=True)
    note(f"written to {output}")
