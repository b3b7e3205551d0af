"""`hosted-ce pilots trace`: a pilot's way to a worker node and back, as it goes."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hosted_ce.cli.errors import Refused
from hosted_ce.cli.options import Json, PilotId, StateFolder, TokenFile, Url
from hosted_ce.cli.printing import note, print_json
from hosted_ce.cli.words import cell, span, spelled, to_the_second

if TYPE_CHECKING:
    from hosted_ce.cli.client import Client

LOOK_S = 1.0
HEAD_LINES = 40
UNDER_WAY, PASSED = "under_way", "passed"
_TIME = len("2026-03-01T12:30:00Z")
_MARKS = {"done": ("ok  ", typer.colors.GREEN), "failed": ("FAIL", typer.colors.RED)}


def trace(
    *,
    pilot_id: PilotId,
    script: Annotated[
        bool, typer.Option("--script", help="Also the batch script that the site was given.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="How far it is now; do not wait for its end.")] = False,
    json: Json = False,
    state_dir: StateFolder = None,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Follow a pilot from the door to a worker node and back, hop by hop, until its end.

    Exit code 0: it came back with exit code 0. 1: it did not, or (--once) not yet.
    """
    from hosted_ce.cli.client import connect

    with connect(state_dir, url, token_file) as client:
        well = follow(client, pilot_id, script=script, once=once, json=json)
    if not well:
        raise typer.Exit(1)


def follow(
    client: Client, pilot_id: int, *, script: bool = False, once: bool = False, json: bool = False
) -> bool:
    """Prints each hop when it is done, and at the end what came back; whether all went well."""
    from hosted_ce.cli.patience import get_patiently

    printer = _Printer()
    while True:
        found = get_patiently(client, f"/pilots/{pilot_id}/trace")
        if not json:
            printer.tell(found)
        if once or found["ending"] != UNDER_WAY:
            break
        time.sleep(LOOK_S)
    more = _more(client, found, script=script)
    if json:
        print_json({**found, **more})
    else:
        for line in _ending_lines(found, more):
            typer.echo(line)
    return bool(found["ending"] == PASSED)


class _Printer:
    """Prints what is new of one trace after another."""

    def __init__(self) -> None:
        self._told = 0
        self._waits: str | None = None

    def tell(self, found: Mapping[str, Any]) -> None:
        """Hops that are done or failed on stdout; what is waited for on stderr, when it changes."""
        hops = found["hops"]
        while self._told < len(hops) and hops[self._told]["progress"] in _MARKS:
            typer.echo(_line(hops[self._told]))
            self._told += 1
        now = next((hop["said"] for hop in hops if hop["progress"] == "now"), None)
        if now and now != self._waits:
            note(f"waiting: {spelled(now)}")
            self._waits = now


def _line(hop: Mapping[str, Any]) -> str:
    mark, colour = _MARKS[hop["progress"]]
    took = f"+{span(hop['took_s'])}" if (hop["took_s"] or 0) >= 1 else ""
    at, marked = to_the_second(hop["at"]).ljust(_TIME), typer.style(mark, fg=colour, bold=True)
    return f"{at} {took.rjust(8)} {marked} {hop['title']}" + (f": {cell(hop['said'])}" if hop["said"] else "")


def _ending_lines(found: Mapping[str, Any], more: Mapping[str, Any]) -> Iterator[str]:
    for reason in found["earlier"]:
        yield f"an earlier attempt came to nothing: {cell(reason)}"
    if script := more.get("script"):
        yield from ("\nscript:", *(f"  {spelled(line)}" for line in script.splitlines()))
    for name in ("stdout", "stderr"):
        if text := more.get(name):
            yield from _head(name, text.splitlines(), found["ids"]["pilot"])
    if found["ending"] == PASSED:
        yield typer.style("\npassed", fg=typer.colors.GREEN, bold=True)
    elif found["ending"] != UNDER_WAY:
        yield typer.style("\nfailed", fg=typer.colors.RED, bold=True) + f": {cell(found['todo'])}"


def _head(name: str, lines: list[str], pilot_id: int) -> Iterator[str]:
    yield f"\n{name}:"
    yield from (f"  {spelled(line)}" for line in lines[:HEAD_LINES])
    if len(lines) > HEAD_LINES:
        option = " --stderr" if name == "stderr" else ""
        yield f"  ... and {len(lines) - HEAD_LINES} lines more: `hosted-ce pilots output {pilot_id}{option}`"


def _more(client: Client, found: Mapping[str, Any], *, script: bool) -> dict[str, str]:
    """What came back, and the batch script if it is wanted."""
    number, more = found["ids"]["pilot"], dict[str, str]()
    if script and (job := client.get(f"/pilots/{number}/explain")["job"]):
        more["script"] = f"{shlex.join(job['argv'])} # in {job['folder']}\n{job['script']}"
    for name in ("stdout", "stderr"):
        try:
            more[name] = client.get_bytes(f"/pilots/{number}/{name}").decode("utf-8", "replace")
        except Refused as error:
            if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
                raise
    return more
