"""`hosted-ce audit`: who did what, and what was refused."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Annotated

import typer

from hosted_ce.cli.complete import pilot_ids
from hosted_ce.cli.errors import CliError
from hosted_ce.cli.options import StateFolder

NEWEST = 100


def audit(
    *,
    pilot: Annotated[
        int | None,
        typer.Option(metavar="ID", min=1, help="Only what was about this pilot.", autocompletion=pilot_ids),
    ] = None,
    who: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only of those with this in their name, in any case.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this action, such as submit_pilot.")
    ] = None,
    address: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Only from this address.")] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Only of this time until now, such as 2h.")
    ] = None,
    grep: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only records with this text, in any case.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, help="At most N records, the newest.")
    ] = NEWEST,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what is written, until Ctrl-C.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines, as they are in the file.")] = False,
    state_dir: StateFolder = None,
) -> None:
    """Show the audit log, oldest records first: who did what, and what was refused and why.

    It is read from the state folder, on the CE's own machine, also when the CE does not run.
    """
    import time

    from hosted_ce.cli.audit.lines import WantedRecords
    from hosted_ce.cli.follow import show
    from hosted_ce.cli.logs.command import seconds_in
    from hosted_ce.cli.process import settings_with, shown

    path = settings_with(state=state_dir).audit_file
    start = time.time() - seconds_in(since) if since else None
    wanted = WantedRecords(pilot, who, action, refused, address, start, grep)
    if not path.exists() and not follow:
        raise CliError(
            f"there is no audit log at {shown(path)}: name the CE's state folder with --state-dir",
            "with HOSTED_CE_AUDIT_FILE_SIZE=0 none is kept",
        )
    show(path, wanted, partial(_tell, as_json=json), newest=limit, follow=follow)


def _tell(lines: Iterable[str], *, as_json: bool) -> None:
    import sys

    from hosted_ce.cli.audit.lines import shown_record
    from hosted_ce.cli.logs.lines import parsed

    for text in lines:
        typer.echo(text.rstrip("\n") if as_json else shown_record(parsed(text) or {}))
        sys.stdout.flush()
