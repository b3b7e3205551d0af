"""`hosted-ce logs`: what the CE wrote into its log, and what it writes."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from typing import Annotated, Literal

import typer

from hosted_ce.cli.complete import pilot_ids
from hosted_ce.cli.errors import CliError, Misuse
from hosted_ce.cli.options import StateFolder

NEWEST = 100


def logs(
    *,
    pilot: Annotated[
        int | None,
        typer.Option(metavar="ID", min=1, help="Only lines about this pilot.", autocompletion=pilot_ids),
    ] = None,
    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        typer.Option(help="Only lines that are as severe, or more so."),
    ] = "debug",
    since: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Only lines of this time until now, such as 2h.")
    ] = None,
    request: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Only lines of this HTTP request: X-Request-Id of its answer."),
    ] = None,
    grep: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only lines with this text, in any case.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, help="At most N lines, the newest.")
    ] = NEWEST,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what is written, until Ctrl-C.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines, as they are in the file.")] = False,
    state_dir: StateFolder = None,
) -> None:
    """Show the CE's log, oldest lines first, also when the CE does not run. Secrets are not in it.

    It is read from the state folder, on the CE's own machine.
    """
    import time

    from hosted_ce.cli.follow import show
    from hosted_ce.cli.logs.lines import Wanted
    from hosted_ce.cli.process import settings_with, shown

    path = settings_with(state=state_dir).log_file
    wanted = Wanted(pilot, level, time.time() - seconds_in(since) if since else None, request, grep)
    if not path.exists() and not follow:
        raise CliError(
            f"there is no log at {shown(path)}: name the CE's state folder with --state-dir",
            "with HOSTED_CE_LOG_FILE_SIZE=0 it is on standard error alone: `journalctl -u hosted-ce`",
        )
    show(path, wanted, partial(_tell, as_json=json), newest=limit, follow=follow)


def _tell(lines: Iterable[str], *, as_json: bool) -> None:
    from hosted_ce.cli.logs.lines import parsed, shown

    for text in lines:
        for line in [text.rstrip("\n")] if as_json else shown(parsed(text) or {}):
            typer.echo(line)
        sys.stdout.flush()


def seconds_in(text: str) -> float:
    """The seconds of a duration that --since has. Raises Misuse."""
    from hosted_ce.site import BadValue, parse_duration

    try:
        return float(parse_duration(text))
    except BadValue as error:
        raise Misuse(f"--since: {error}") from error
