"""`hosted-ce site verify`: what was asked, granted and used, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from hosted_ce.cli.errors import Misuse
from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_bytes, print_json, print_lines
from hosted_ce.cli.words import NOTHING, cell


def verify(
    *,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Runs that ended at most so long ago: 24h, 7d, 30d.")
    ] = "7d",
    route: Annotated[str | None, typer.Option(metavar="ROUTE", help="Only of this route.")] = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV: a row for each advice.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a report in Markdown, to send to the site.")
    ] = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Say what pilots asked for, what the site granted, and what they used of it; then what to do.

    Each advice has an id (VF-...), which `docs/operators/verification.md` explains.
    """
    from hosted_ce.cli.client import connect

    if json + csv + markdown > 1:
        raise Misuse("--json, --csv and --markdown are forms of the same: give one of them")
    wanted = {"since": since} | ({"route": route} if route else {})
    text = "csv" if csv else "markdown" if markdown else None
    with connect(state_dir, url, token_file) as client:
        if text:
            print_bytes(client.get_bytes("/site/verification", wanted | {"format": text}))
            return
        found = client.get("/site/verification", wanted)
    if json:
        print_json(found)
        return
    print_lines(lines_of(found))
    if route and not found["routes"]:
        note(f"there is no route {cell(route)}")


def lines_of(found: dict[str, Any]) -> Iterator[str]:
    """The screen: advice first, then the numbers behind it."""
    for index, route in enumerate(found["routes"]):
        if index:
            yield ""
        hours = f"{route['core_hours']:,.0f} core hours"
        yield f"route {cell(route['route'])} to {cell(route['cluster'])}: {route['runs']:,} runs, {hours}"
        yield from _route(route) if route["enough"] else ("  too few to judge",)
    if found["routes"]:
        yield ""
        yield found["only_pilots"]


def _route(route: dict[str, Any]) -> Iterator[str]:
    from hosted_ce.cli.columns import Column
    from hosted_ce.cli.tables import table_lines

    for each in route["advice"]:
        yield f"  {each['id']} {each['weight']}: {cell(each['said'])}"
        key = f" ({each['key']})" if each["key"] else ""
        yield f"    -> {cell(each['todo'])}{key}"
    if not route["advice"]:
        yield "  nothing to do"
    columns = (
        Column("RESOURCE", lambda row: row["resource"]),
        Column("ASKED", lambda row: cell(row["asked"])),
        Column("GRANTED", lambda row: cell(row["granted"])),
        Column("DIFFER", lambda row: str(row["differing"])),
        Column("UNTOLD", lambda row: str(row["untold"])),
        Column("USED_P10", lambda row: _percent(row, "p10")),
        Column("MEDIAN", lambda row: _percent(row, "median")),
        Column("P90", lambda row: _percent(row, "p90")),
    )
    yield from (f"  {line}" for line in table_lines(columns, route["resources"]))
    ends = ", ".join(f"{end['runs']} {end['what']}" for end in route["ends"])
    yield f"  ends: {ends}"
    if route["nodes_unknown"]:
        yield f"  the nodes are not known: {cell(route['nodes_unknown'])}"


def _percent(row: Mapping[str, Any], name: str) -> str:
    return f"{row['used'][name]}%" if row["used"] else NOTHING
