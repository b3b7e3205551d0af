"""`hosted-ce why`: the one answer to where a pilot is, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from hosted_ce.cli.complete import pilot_ids
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_json, print_lines
from hosted_ce.cli.words import ago, cell, to_the_second

TURNS = {
    "ce": "the CE: it goes on by itself",
    "osg": "an operator of the CE",
    "site": "the site",
    "factory": "the factory",
    "nobody": "nobody's",
}
_IDS = (
    ("factory", "factory_job"), ("front door", "door_key"), ("route", "route"), ("cluster", "cluster"),
    ("stamp", "stamp"), ("batch job", "batch_id"), ("node", "node"), ("attempt", "attempt"),
)  # fmt: skip
_WIDTH = 12

Name = Annotated[
    str,
    typer.Argument(
        metavar="ID|BATCH_ID|STAMP|GLOBALJOBID",
        help="The pilot's number, or its name anywhere: a batch job at the site, the factory's job.",
        autocompletion=pilot_ids,
    ),
]


def why(
    *,
    name: Name,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Say where a pilot is and why, since when, what comes next and when, and whose move it is.

    A number is taken for the pilot's own; if there is no such pilot, for its batch job's.
    """
    from hosted_ce.cli.client import connect
    from hosted_ce.cli.columns import HISTORY
    from hosted_ce.cli.pilots.which import get_of
    from hosted_ce.cli.tables import print_table

    with connect(state_dir, url, token_file) as client:
        found = get_of(client, name, "/why")
    if json:
        print_json(found)
        return
    print_lines(lines_of(found))
    if found["events"]:
        typer.echo("\nlast events:")
        print_table(HISTORY, found["events"])


def lines_of(found: Mapping[str, Any]) -> Iterator[str]:
    """The answer, a fact on a line."""
    yield f"pilot {found['ids']['pilot']} {cell(found['where'])}"
    yield from _line("why", found["why"])
    if found["since"]:
        yield from _line("since", f"{to_the_second(found['since'])} ({ago(found['since'])})")
    yield from _line("waits for", found["waits_for"])
    at = f", by {to_the_second(found['next_at'])} ({ago(found['next_at'])})" if found["next_at"] else ""
    yield from _line("next", found["next"] and f"{found['next']}{at}")
    yield from _line("whose move", TURNS.get(found["turn"], found["turn"]))
    yield from _line("what to do", found["todo"])
    for text in found["notes"]:
        yield from _line("note", text)
    named = [f"{title} {cell(found['ids'][key])}" for title, key in _IDS if found["ids"][key] is not None]
    yield from _line("ids", ", ".join(named))


def _line(title: str, text: str | None) -> Iterator[str]:
    if text:
        yield f"  {title.ljust(_WIDTH)}{cell(text)}"
