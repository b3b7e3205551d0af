"""An explanation of the API for a person."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import typer

from hosted_ce.cli.columns import LIMITS, TRIALS
from hosted_ce.cli.tables import print_table, table_lines
from hosted_ce.cli.words import cell, spelled

Document = Mapping[str, Any]


def print_explanation(found: Document, *, routed: bool) -> None:
    """Prints it on stdout; with the routed job's ad, if that is wanted."""
    if sys.stdout.isatty():
        typer.echo(headline(found))
        for columns, records in _tables(found):
            typer.echo()
            print_table(columns, records)
        lines = _rest(found)
    else:
        lines = explanation_lines(found)
    for line in lines:
        typer.echo(line)
    if routed and found["ad"]:
        typer.echo("\nrouted job:")
        for name, text in found["ad"].items():
            typer.echo(f"  {cell(name)} = {spelled(text)}")


def explanation_lines(found: Document) -> Iterator[str]:
    """All of it but the script, without colours, a row of a table on a line."""
    yield headline(found)
    for columns, records in _tables(found):
        yield ""
        yield from table_lines(columns, records)
    yield from _rest(found)


def headline(found: Document) -> str:
    """One line, such as `pilot 12: route big takes it (account osg01, VO osg)`."""
    pilot = "a pilot" if found["pilot_id"] is None else f"pilot {found['pilot_id']}"
    account = f"account {cell(found['account'])}" if found["account"] else "any account"
    return f"{pilot} ({account}, VO {cell(found['vo'])}): {_verdict(found)}"


def _verdict(found: Document) -> str:
    if found["route"]:
        return f"route {cell(found['route'])} takes it"
    if found["waits_for"]:
        return f"waits for room in route {cell(found['waits_for'])}"
    return "no route takes it"


def _tables(found: Document) -> Iterator[tuple[Any, list[Document]]]:
    if found["trials"]:
        yield TRIALS, found["trials"]
    matched = [trial for trial in found["trials"] if trial["outcome"] in ("taken", "full")]
    limits = [limit | {"route": trial["route"]} for trial in matched for limit in trial["limits"]]
    if limits:
        yield LIMITS, limits


def _rest(found: Document) -> Iterator[str]:
    for title, texts in (("kept back", found["kept_back"]), ("note", found["notes"])):
        if texts:
            yield ""
            yield from (f"{title}: {cell(text)}" for text in texts)
    if job := found["job"]:
        yield ""
        whose = f"attempt {job['attempt']}" if job["attempt"] else "would be submitted"
        yield f"batch job ({whose}): {cell(' '.join(job['argv']))} in {cell(job['folder'])}"
        yield from (f"  {spelled(line)}" for line in job["directives"])
        yield from _prologue(job["ask"])


def _prologue(ask: Document) -> Iterator[str]:
    """What runs before the pilot, and the variables of the route that it sees."""
    if text := ask.get("prologue"):
        yield "before the pilot, on the worker node:"
        yield from (f"  {name}={spelled(value)}" for name, value in ask["environment"].items())
        yield from (f"  {spelled(line)}" for line in text.rstrip("\n").expandtabs().split("\n"))
