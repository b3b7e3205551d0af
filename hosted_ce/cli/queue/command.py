"""`hosted-ce q` and `hosted-ce history`: what condor_q and condor_history are used for."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hosted_ce.cli.complete import entry_names, route_names
from hosted_ce.cli.options import Json, StateFolder, StateFolderOnly, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.words import cell
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.states import FINAL, State

NEWEST = 100

Entry = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Only pilots of this entry (GlideinEntryName).", autocompletion=entry_names
    ),
]
Factory = Annotated[
    str | None, typer.Option(metavar="NAME", help="Only pilots of this factory (GlideinFactory).")
]
Route = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Only pilots of this route.", autocompletion=route_names),
]


def q(
    *,
    entry: Entry = None,
    factory: Factory = None,
    route: Route = None,
    held: Annotated[bool, typer.Option("--held", help="Why pilots are held, instead.")] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Sum up the pilots of each entry by state, as condor_q does; with --held, why they are held."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.queue.columns import ENTRIES, ENTRIES_NARROW, HELD, held_reasons, totals_line
    from hosted_ce.cli.tables import print_table

    narrowed = {name: value for name, value in (("factory", factory), ("route", route)) if value}
    with connect(state_dir, url, token_file) as client:
        found = client.get("/entries", narrowed)
    entries = [each for each in found["entries"] if entry in (None, each["name"])]
    if entry is not None:
        found |= {"entries": entries, "totals": _totals(entries)}
    if json:
        print_json(found)
        return
    if held:
        print_table(HELD, held_reasons(entries))
    else:
        print_table(ENTRIES, entries, narrow=ENTRIES_NARROW)
    typer.echo(totals_line(found["totals"]))
    if entry is not None and not entries and not found["left_out"]:
        note(f"no pilot has come from the entry {cell(entry)}; `hosted-ce q` lists the entries")
    if found["left_out"]:
        note(f"{found['left_out']} more entries are left out; --entry NAME shows one")


def history(
    *,
    entry: Entry = None,
    factory: Factory = None,
    route: Route = None,
    state: Annotated[
        list[State] | None,
        typer.Option("--state", help="Only pilots that ended in this state; can be given again."),
    ] = None,
    outcome_class: Annotated[
        list[EndClass] | None,
        typer.Option("--outcome-class", help="Only pilots whose end is of this class; can be given again."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DURATION", help="Only those over within this time, such as 2h.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, help="At most N pilots.")
    ] = NEWEST,
    json: Json = False,
    state_dir: StateFolderOnly = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """List pilots that are over, the last one first, as condor_history does."""
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.pilots.listing import newest_pilots
    from hosted_ce.cli.queue.columns import OVER, OVER_NARROW
    from hosted_ce.cli.tables import print_table

    wanted: dict[str, Any] = {
        "entry": entry,
        "factory": factory,
        "route": route,
        "state": [each.value for each in state or ()],
        "outcome_class": [each.value for each in outcome_class or ()],
        "finished_within": since,
        "order": "finished",
    }
    with connect(state_dir, url, token_file) as client:
        found, more = newest_pilots(client, wanted, limit)
    found.reverse()
    if json:
        print_json(found)
    elif found:
        print_table(OVER, found, narrow=OVER_NARROW)
    else:
        note("no such pilots" if set(state or ()) <= FINAL else "only pilots that are over are listed here")
    if more:
        note(f"these are the last {len(found)}; --limit N shows more")


def _totals(entries: list[dict[str, Any]]) -> dict[str, int]:
    return {state.value: sum(each["counts"][state.value] for each in entries) for state in State}
