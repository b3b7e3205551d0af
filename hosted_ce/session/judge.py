"""How a session stands, by what was said in it and what is seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from hosted_ce.session.board import Board, Line, Part, Session
from hosted_ce.session.checklist import ITEMS, MINUTES, PHASES
from hosted_ce.session.facts import Facts
from hosted_ce.session.found import Found, ItemState, not_yet
from hosted_ce.session.item import Item, ItemKind, Phase
from hosted_ce.session.log import Entry, Said, marks_of, results_of
from hosted_ce.session.open_items import open_items

MOST_PILOTS = 20
"""Of each kind that a board shows."""
_ACTS = {item.id: item.run.value for item in ITEMS.values() if item.run}


def board_of(session: Session, entries: Sequence[Entry], facts: Facts) -> Board:
    """How it stands. Nothing is done that is not seen; what a person says counts for what only people see."""
    facts = replace(facts, ran=results_of(entries, _ACTS))
    marks = marks_of(entries)
    stands = {item.id: _stand(item, facts, marks.get(item.id)) for item in ITEMS.values()}
    lines = {item.id: _line(item, *stands[item.id], stands) for item in ITEMS.values()}
    tests = sorted((each for found in facts.tests.values() for each in found), key=lambda each: -each.id)
    return Board(
        session=session, at=facts.now, minutes=MINUTES, parts=tuple(_parts(lines)),
        next=_next(lines.values()), entries=tuple(entries),
        open_items=open_items(lines.values(), entries, ended=session.ended_at is not None),
        checks=facts.checks, tests=tuple(tests[:MOST_PILOTS]),
        pilots=facts.pilots[-MOST_PILOTS:], ramps=facts.ramps, contacts=facts.contacts,
    )  # fmt: skip


def _stand(item: Item, facts: Facts, mark: Entry | None) -> tuple[Found, str | None]:
    """How the item stands, and who said so; None: it is seen.

    What is seen to be done is done, also if it was skipped before.
    """
    seen = item.judge(facts) if item.judge else not_yet()
    if mark is None or seen.state is ItemState.DONE:
        return seen, None
    if mark.said is Said.SKIP:
        return Found(ItemState.SKIPPED, mark.text, mark.at, seen.link), mark.actor
    return Found(ItemState.DONE, mark.text, mark.at), mark.actor


def _line(
    item: Item, found: Found, by: str | None, stands: Mapping[str, tuple[Found, str | None]]
) -> Line:  # fmt: skip
    waits = () if found.state in (ItemState.DONE, ItemState.SKIPPED, ItemState.RUNNING) else item.needs
    return Line(
        id=item.id, title=item.title, what=item.what, todo=found.todo or item.todo, move=item.move,
        kind=item.kind, state=found.state, since=found.since, seen=found.seen, by=by, link=found.link,
        waits_for=tuple(need for need in waits if not stands[need][0].state.settled), faults=found.faults,
    )  # fmt: skip


def _parts(lines: Mapping[str, Line]) -> Iterator[Part]:
    begins = accumulate((phase.minutes for phase in PHASES), initial=0)
    for phase, minute in zip(PHASES, begins, strict=False):
        yield _part(phase, minute, lines)


def _part(phase: Phase, begins: int, lines: Mapping[str, Line]) -> Part:
    own = tuple(lines[item.id] for item in phase.items)
    return Part(phase.id, phase.title, phase.aim, begins, phase.minutes, own)


def _next(lines: Iterable[Line]) -> str | None:
    return next((line.id for line in lines if line.ready), None)


def next_run(board: Board) -> str | None:
    """The first that can be started now."""
    return _next(line for line in board.lines if line.kind is ItemKind.RUN)
