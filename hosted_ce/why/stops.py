"""What stops a pilot at whatever stage it is: a mistake of ours, or a cluster that cannot be asked. Pure."""

from __future__ import annotations

from hosted_ce.pilots.states import Stage, State
from hosted_ce.why.answer import Answer, Situation, Turn
from hosted_ce.why.asked import asked_words
from hosted_ce.why.facts import Condition, Facts, Place

_AT_STAGE = {
    Stage.WAITING: "waits in the CE",
    Stage.SUBMITTING: "is to be submitted",
    Stage.DOUBTFUL: "may or may not have a batch job",
    Stage.QUEUED: "was in the site's queue when it was last seen",
    Stage.RUNNING: "was running when it was last seen",
    Stage.ENDED: "has ended at the site; its outputs are still there",
    Stage.DONE: "is over",
}
AWAY = {Condition.DOWN, Condition.AUTH_REFUSED, Condition.CONNECTING}
LOGIN_RETRY = "every 15 minutes"


def stopped(facts: Facts) -> Answer | None:
    """Why it cannot go on at all; None: nothing stops it."""
    if facts.pilot.stage is Stage.DONE:
        return None
    if answer := _parked(facts):
        return answer
    place = facts.place
    if place is None or facts.pilot.stage is Stage.WAITING:
        return None
    if place.condition is Condition.GONE:
        return _stranded(facts, place)
    return _frozen(facts, place) if place.condition in AWAY else None


def _parked(facts: Facts) -> Answer | None:
    """The last event says so, and nothing has changed since."""
    last = facts.events[-1] if facts.events else None
    if last is None or last.event.what != "parked" or facts.pilot.reason != last.event.reason:
        return None
    return Answer(
        Situation.PARKED,
        where=_AT_STAGE[facts.pilot.stage],
        why=last.event.reason or "a step of this CE fails with it",
        since=last.at,
        waits_for="an operator",
        next="it is tried again, at most an hour after the last time",
        next_at=None,
        turn=Turn.OSG,
        todo=f"see `hosted-ce logs --pilot {facts.pilot.id} --level error`, and report what is there",
    )


def _stranded(facts: Facts, place: Place) -> Answer:
    return Answer(
        Situation.STRANDED,
        where=_AT_STAGE[facts.pilot.stage],
        why=f"the site file has no cluster {place.name} any more, so nobody looks after it",
        since=None,
        waits_for=f"cluster {place.name} in the site file",
        next="it goes on when the cluster is back",
        next_at=None,
        turn=Turn.OSG,
        todo=f"put cluster {place.name} back into the site file until its pilots are over",
    )


def _frozen(facts: Facts, place: Place) -> Answer:
    """What is known stays as it is: silence proves nothing."""
    turn, next_, todo = _of_contact(place)
    state = facts.pilot.state
    told = " The factory sees it idle, not held." if state in {State.IDLE, State.UNKNOWN} else ""
    return Answer(
        Situation.FROZEN,
        where=_AT_STAGE[facts.pilot.stage],
        why=f"there is no contact with cluster {place.name}: {place.said or 'it has not been asked yet'}",
        since=place.since,
        waits_for=f"contact with cluster {place.name}",
        next=f"{next_}; then everything there is looked at before anything is submitted",
        next_at=None,
        turn=turn,
        todo=f"{todo}.{told}",
        notes=(asked_words(facts),) if facts.pilot.goal.ends_attempt else (),
    )


def _of_contact(place: Place) -> tuple[Turn, str, str]:
    name = place.name
    if place.condition is Condition.CONNECTING:
        return Turn.CE, "the CE connects", "nothing: the CE has just been started"
    if place.condition is Condition.AUTH_REFUSED:
        todo = f"settle the login with the site, then `hosted-ce site resume {name}`"
        return Turn.OSG, f"the login is tried again {LOGIN_RETRY}", todo
    todo = f"ask the site whether its login node is up; `hosted-ce site resume {name}` tries it at once"
    return Turn.SITE, "it is tried again by itself", todo
