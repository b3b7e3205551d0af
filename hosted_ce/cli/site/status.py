"""`hosted-ce site status`: one screen that says how the CE is doing, why, and what to do now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hosted_ce.cli.options import Json, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import print_json, print_lines
from hosted_ce.cli.words import cell, span, to_the_second

Found = Mapping[str, Any]
ACTIVITIES = {"production": "Production", "no_pressure": "No pressure", "broken": "Broken"}
MOVES = {"osg": "OSG's move", "site": "the site's move"}
COUNTED = (("pilots", "pilots"), ("idle", "idle"), ("cores", "cores"))


def status(
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Say how a running CE is doing, why, and what to do now. The exit code is 0 also when it is poor."""
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        found = client.get("/site")
    if json:
        names = ("name", "resource", "health", "activity", "incidents", "expiries")
        print_json({name: found.get(name) for name in names})
        return
    print_lines(lines_of(found))


def lines_of(found: Found) -> Iterator[str]:
    """The screen: the words and their reasons first, then what stands behind them."""
    health, activity = found.get("health"), found.get("activity")
    yield f"{cell(found['name'])}, resource {cell(found['resource'])}"
    for outage in found.get("incidents") or ():
        yield from outage_lines(outage)
    if health is None or activity is None:
        yield "the CE has just started, and does not know yet how it is doing: ask again in a few seconds"
    else:
        word = cell(health["word"]).capitalize()
        yield f"{word}; {ACTIVITIES[activity['word']]}: {cell(activity['reason'])}"
        yield from _reasons(health["reasons"])
    yield ""
    yield from _door(found["front_door"])
    for cluster in found["clusters"]:
        why = cluster["state_reason"] or cluster["closed_reason"]
        said = f": {cell(why)}" if why else ""
        yield f"cluster {cell(cluster['name'])}: {cell(cluster['state'])}{said}"
    yield from _limits(found["routes"])
    for expiry in found.get("expiries") or ():
        yield f"{cell(expiry['kind'])} {cell(expiry['path'])}: valid until {to_the_second(expiry['until'])}"


def outage_lines(outage: Found) -> Iterator[str]:
    """An outage, and what to do."""
    number = "" if outage["id"] is None else f" {outage['id']}"
    until = "" if outage["ended_at"] is None else f" until {to_the_second(outage['ended_at'])}"
    yield (
        f"outage{number} at {cell(outage['place'])}: {cell(outage['title'])}, "
        f"since {to_the_second(outage['began_at'])}{until} ({span(outage['seconds'])}); "
        f"{outage['pilots']} {'pilot' if outage['pilots'] == 1 else 'pilots'} there"
    )
    yield f"  {cell(outage['said'])}"
    yield f"    -> {cell(outage['todo'])} ({MOVES.get(outage['mover'], cell(outage['mover']))})"


def _reasons(reasons: list[Found]) -> Iterator[str]:
    for reason in reasons:
        yield f"  {cell(reason['word'])}: {cell(reason['said'])}"
        yield f"    -> {cell(reason['todo'])}"
    if not reasons:
        yield "  nothing to do"


def _door(door: Found | None) -> Iterator[str]:
    if door is None:
        return
    words = {True: "open", False: "no contact", None: "not asked yet"}
    problem = f": {cell(door['problem'])}" if door["problem"] else ""
    yield f"front door {cell(door['address'])}: {words[door['in_contact']]}{problem}"


def _limits(routes: list[Found]) -> Iterator[str]:
    """The routes that take no more now; the others are summed up."""
    full = [(route, words) for route in routes if (words := _full(route))]
    for route, words in full:
        yield f"route {cell(route['name'])}: {words}"
    if rest := len(routes) - len(full):
        yield f"{rest} of {len(routes)} routes have room"


def _full(route: Found) -> str:
    said = [
        f"{route['usage'][used]} of {limit} {word}"
        for used, word in COUNTED
        if (limit := route["limits"].get(used)) is not None and route["usage"].get(used, 0) >= limit
    ]
    running = route["limits"].get("running")
    if running is not None and route["usage"]["pilots"] >= running:
        said.append(f"{route['usage']['pilots']} of {running} that may run")
    text = f"full, {', '.join(said)}" if said else ""
    refused = f"refused: {cell(route['refused']['said'])}" if route["refused"] else ""
    return "; ".join(part for part in (text, refused) if part)
