"""Pilots as they are written down, for the tests of what is said of them."""

from __future__ import annotations

from typing import Any

from hosted_ce.pilots.pilot import Attempt, Event, Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.why.facts import Condition, Facts, Happening, Place

NOW = 1_770_000_000.0
PLACE = Place("main", Condition.READY, since=NOW - 9000)
FACTORY_JOB = "gfactory@factory.example.org#4711.0#1769999990"


def attempt(**fields: Any) -> Attempt:
    """The second attempt of pilot 12."""
    known: dict[str, Any] = {
        "id": 20, "pilot_id": 12, "number": 2, "stamp": "habcdefghijklmn", "route": "large",
        "cluster": "main", "request": {"walltime_s": 7200}, "created_at": NOW - 600,
    }  # fmt: skip
    return Attempt(**(known | fields))


def queued_attempt(**fields: Any) -> Attempt:
    """One with a batch job."""
    return attempt(batch_id="4711", submitted_at=NOW - 500, **fields)


def pilot(state: State = State.IDLE, stage: Stage = Stage.WAITING, **fields: Any) -> Pilot:
    """Pilot 12."""
    known: dict[str, Any] = {
        "id": 12, "version": 3, "state": state, "stage": stage, "goal": Goal.RUN, "reason": None,
        "spec": {}, "door": "rest", "owner": "operator", "created_at": NOW - 3600, "changed_at": NOW - 900,
    }  # fmt: skip
    return Pilot(**(known | fields))


def facts(one: Pilot, *events: tuple[float, Event], **more: Any) -> Facts:
    """What is known of it; its cluster is well, if it has one. `events`: seconds ago, and what."""
    known: dict[str, Any] = {"place": PLACE if one.attempt else None}
    told = tuple(Happening(NOW - ago, event) for ago, event in events)
    return Facts(NOW, one, told, **(known | more))
