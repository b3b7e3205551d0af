"""A log line for each event of a pilot, so that the log alone tells what was done for it.

Pilots that came with one request share one.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from hosted_ce.pilots.id_ranges import ranges_of
from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import Stage

log = structlog.get_logger(__name__)
RECEIVED = "received"


def tell(changes: Sequence[Change]) -> None:
    """A listener for the store."""
    told = [(what, change) for change in changes if (what := _what(change))]
    many = [change.pilot.id for what, change in told if what == RECEIVED]
    if len(many) > 1:
        log.info("pilots received", pilots=ranges_of(many), number=len(many))
    for what, change in told:
        one_of_many = what == RECEIVED and len(many) > 1
        (log.debug if one_of_many else log.info)(f"pilot {what}", **_facts(change))


def _what(change: Change) -> str | None:
    """The store tells a new pilot as a change without an event that brings it to its first stage."""
    if change.event:
        return change.event.what
    return RECEIVED if change.update.get("stage") is Stage.WAITING else None


def _facts(change: Change) -> dict[str, object]:
    pilot, event, begun = change.pilot, change.event, change.begin or change.pilot.attempt
    found: dict[str, object] = {"pilot": pilot.id, "state": change.update.get("state", pilot.state).value}
    if event:
        found |= {"actor": event.actor, "reason": event.reason}
    if begun:
        found |= {"stamp": begun.stamp, "route": begun.route, "cluster": begun.cluster}
    batch_id = change.attempt.get("batch_id") or (pilot.attempt.batch_id if pilot.attempt else None)
    found |= {"batch_id": batch_id, "factory_job": pilot.factory_job}
    return {name: value for name, value in found.items() if value is not None}
