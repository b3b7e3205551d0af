"""What was run and found, phase by phase."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hosted_ce.session.board import Board, Line, Part
from hosted_ce.session.facts import CheckRun, PilotSeen
from hosted_ce.session.judges.pilots import came_back, ending, way
from hosted_ce.session.judges.site import counted
from hosted_ce.session.log import Said
from hosted_ce.session.minutes.words import clock, escaped, person, sentence


def phases(board: Board, public_url: str) -> Iterator[str]:
    """All of them, each with what belongs to it."""
    for number, part in enumerate(board.parts, start=1):
        yield f"## {number}. {part.title} ({part.settled} of {len(part.lines)} settled)"
        yield from ("", part.aim, "", *map(_line, part.lines), "")
        yield from _more(board, part, public_url)


def _line(line: Line) -> str:
    told = [line.title] if line.seen is None else [line.title, escaped(line.seen)]
    when = [clock(line.since)] if line.since is not None else []
    by = [f"said by {person(line.by)}"] if line.by else []
    behind = f" ({', '.join((*when, *by))})" if when or by else ""
    return f"- **{line.state.value}:** {': '.join(told)}{behind}"


def _more(board: Board, part: Part, public_url: str) -> Iterator[str]:
    match part.id:
        case "readiness":
            yield from _checks(board.checks, public_url)
        case "tests":
            yield from _pilots(board.tests, "Test pilots")
        case "ospool":
            yield from _pilots(board.pilots, "Pilots")
    yield from _runs(board, part)


def _checks(runs: Iterable[CheckRun], public_url: str) -> Iterator[str]:
    for run in runs:
        until = f" to {clock(run.ended_at)}" if run.ended_at else ""
        link = f"{public_url}/site/checks/{run.id}"
        yield f"### Checks of {escaped(run.cluster)}, {clock(run.begun_at)}{until}"
        yield from ("", f"{counted((run,))}: <{link}>", "")
        for fault in run.faults:
            word = "fail" if fault.severe else "warn"
            seen, todo = sentence(escaped(fault.seen)), sentence(escaped(fault.todo))
            yield f"- **{word}:** {escaped(fault.title)}: {seen} What to do: {todo}"
        yield ""


def _pilots(found: Iterable[PilotSeen], name: str) -> Iterator[str]:
    told = [f"- {clock(each.came_at)} {sentence(escaped(_told(each)))}" for each in reversed([*found])]
    if told:
        yield from (f"### {name}", "", *told, "")


def _told(pilot: PilotSeen) -> str:
    route = f", route {pilot.route}" if pilot.route else ""
    how = came_back(pilot) if pilot.well else ending(pilot) if pilot.over else way(pilot)
    return f"{pilot.what}{route}: {how}"


def _runs(board: Board, part: Part) -> Iterator[str]:
    own = {line.id for line in part.lines}
    told = [
        f"- {clock(entry.at)} {entry.item}: {sentence(escaped(entry.text or ''))} ({person(entry.actor)})"
        for entry in board.entries
        if entry.said is Said.RUN and entry.item in own
    ]
    if told:
        yield from ("### What was started", "", *told, "")
