"""`hosted-ce top`."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from hosted_ce.cli.options import Json, StateFolderOnly, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.queue.command import Route
from hosted_ce.pilots.states import State

if TYPE_CHECKING:
    from hosted_ce.cli.client import Client
    from hosted_ce.cli.top.screen import Look, Question, Screen


def top(
    *,
    state: Annotated[State | None, typer.Option(help="Only pilots in this state.")] = None,
    route: Route = None,
    interval: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.5, help="How often the CE is asked.")
    ] = 2.0,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, max=1000, help="At most N pilots, the newest.")
    ] = 200,
    once: Annotated[bool, typer.Option("--once", help="Print one table, and end.")] = False,
    json: Json = False,
    state_dir: StateFolderOnly = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Watch the pilots that are not over, live: arrows choose one, Enter tells why it is where it is.

    Keys: q quit, f filter by state, r by route, s sort. Where no terminal is, one plain table is printed.
    """
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.top.fetch import Fetcher, look
    from hosted_ce.cli.top.screen import Question, Screen

    question = Question(state.value if state else None, route)
    with connect(state_dir, url, token_file) as client:
        if json or once or not (sys.stdout.isatty() and sys.stdin.isatty()):
            found = look(client, question, limit)
            if json:
                print_json({"site": found.site, "pilots": list(found.pilots), "counts": dict(found.counts)})
            else:
                _print_once(Screen(question, look=found))
            return
        from hosted_ce.cli.top.live import run

        ask = partial(_asked, client, limit)
        with suppress(KeyboardInterrupt):
            run(Fetcher(ask, question, interval), Screen(question), sys.stdin.fileno())


def _asked(client: Client, limit: int, question: Question) -> Look:
    from hosted_ce.cli.top.fetch import look

    return look(client, question, limit)


def _print_once(screen: Screen) -> None:
    from hosted_ce.cli.columns import PILOTS, PILOTS_NARROW
    from hosted_ce.cli.tables import print_table

    print_table(PILOTS, screen.pilots, narrow=PILOTS_NARROW)
    look = screen.look
    if look is None:
        return
    typer.echo(
        "  ".join(f"{look.counts.get(each, 0)} {each}" for each in ("idle", "running", "held", "unknown"))
    )
    if look.more:
        note(f"these are the newest {len(look.pilots)}; --limit N shows more")
