"""Explains where a pilot is. Every stage has its module; what stops any stage is looked at first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from hosted_ce.pilots.states import Stage
from hosted_ce.why import at_site, over, submitting, waiting
from hosted_ce.why.answer import Answer, Situation, Turn
from hosted_ce.why.facts import Condition, Facts, Place
from hosted_ce.why.stops import stopped

_OF_STAGE: Mapping[Stage, Callable[[Facts], Answer | None]] = {
    Stage.WAITING: waiting.waiting,
    Stage.SUBMITTING: submitting.submitting,
    Stage.DOUBTFUL: submitting.doubtful,
    Stage.QUEUED: at_site.queued,
    Stage.RUNNING: at_site.running,
    Stage.ENDED: over.ended,
    Stage.DONE: over.done,
}


def why(facts: Facts) -> Answer:
    """The answer. There is one for whatever is written down."""
    pilot = facts.pilot
    if pilot.stage not in {Stage.WAITING, Stage.DONE} and (pilot.attempt is None or facts.place is None):
        return inconsistent(facts)
    answer = stopped(facts) or _OF_STAGE[pilot.stage](facts) or inconsistent(facts)
    return replace(answer, notes=(*answer.notes, *_notes(facts)))


def inconsistent(facts: Facts) -> Answer:
    """What is written down contradicts itself."""
    pilot = facts.pilot
    return Answer(
        Situation.INCONSISTENT,
        where=f"is written down as {pilot.state.value} at stage {pilot.stage.value}",
        why="that cannot be: it is a mistake of this CE",
        since=pilot.changed_at,
        waits_for="an operator",
        next="nothing, until somebody looks",
        next_at=None,
        turn=Turn.OSG,
        todo="report it with the file that `hosted-ce support-bundle` writes",
    )


def _notes(facts: Facts) -> list[str]:
    """What bears on it without being the matter."""
    place, stage = facts.place, facts.pilot.stage
    notes = []
    if place and stage in {Stage.QUEUED, Stage.RUNNING} and place.condition is Condition.DEGRADED:
        notes.append(_trouble(place))
    if facts.pilot.stage is Stage.DONE and facts.pilot.door_open:
        notes.append("the factory has not yet taken note of it: its job is still in the front door's queue")
    return notes


def _trouble(place: Place) -> str:
    return f"cluster {place.name} is in trouble ({place.said}): what is said here may be old"
