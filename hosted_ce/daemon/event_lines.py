"""Log lines for the events of pilots, so that the log alone tells what was done for each.

What happens to many at once, and is the same for all of them, is one line: each costs as much as its writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import structlog

from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import Stage

log = structlog.get_logger(__name__)
RECEIVED = "received"
MOST = 100
"""So many pilots are in one line at most."""

_Facts = dict[str, object]


class _Line(NamedTuple):
    """What happened, what of it may be so for several pilots, and what is each one's own."""

    what: str
    common: _Facts
    own: _Facts


def tell(changes: Sequence[Change]) -> None:
    """A listener for the store."""
    for lines in _alike(changes):
        what, common, own = lines[0]
        if len(lines) == 1:
            log.info(f"pilot {what}", **own, **common)
        else:
            log.info(f"pilots {what}", **_listed(lines), **common)


def _alike(changes: Sequence[Change]) -> Iterator[list[_Line]]:
    """In order: neighbours of which the same is told, up to MOST of them."""
    told = (_line(what, change) for what, change in zip(map(_what, changes), changes, strict=True) if what)
    for _, same in groupby(told, key=lambda line: (line.what, line.common)):
        lines = list(same)
        yield from (lines[at : at + MOST] for at in range(0, len(lines), MOST))


def _listed(lines: Sequence[_Line]) -> _Facts:
    """Each fact of their own as a list in the order of the pilots; None where one has none."""
    names = dict.fromkeys(name for line in lines for name in line.own)
    return {f"{name}s": [line.own.get(name) for line in lines] for name in names}


def _what(change: Change) -> str | None:
    """The store tells a new pilot as a change without an event that brings it to its first stage."""
    if change.event:
        return change.event.what
    return RECEIVED if change.update.get("stage") is Stage.WAITING else None


def _line(what: str, change: Change) -> _Line:
    pilot, event, begun = change.pilot, change.event, change.begin or change.pilot.attempt
    common: _Facts = {"state": change.update.get("state", pilot.state).value}
    own: _Facts = {"pilot": pilot.id}
    if event:
        common |= {"actor": event.actor, "reason": event.reason}
    if begun:
        common |= {"route": begun.route, "cluster": begun.cluster}
        own["stamp"] = begun.stamp
    own["batch_id"] = change.attempt.get("batch_id") or (pilot.attempt.batch_id if pilot.attempt else None)
    own["factory_job"] = pilot.factory_job
    return _Line(what, _known(common), _known(own))


def _known(facts: _Facts) -> _Facts:
    return {name: value for name, value in facts.items() if value is not None}
