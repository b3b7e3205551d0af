"""Pilots whose batch job has ended, and those that are over. Pure."""

from __future__ import annotations

from typing import assert_never

from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Attempt, Outcome
from hosted_ce.pilots.releasing import how_to_release
from hosted_ce.pilots.states import State
from hosted_ce.why.answer import Answer, Situation, Turn
from hosted_ce.why.asked import who_asked
from hosted_ce.why.ends import advice_of
from hosted_ce.why.facts import Facts
from hosted_ce.why.place import place_of

FOR_GOOD = {HoldCause.BAD_REQUEST, HoldCause.INPUTS}
"""Holds that a release does not help."""


def ended(facts: Facts) -> Answer:
    """Its outputs are still to come."""
    attempt, place = facts.attempt, place_of(facts)
    return Answer(
        Situation.FETCHING,
        where=f"has ended at cluster {place.name}: batch job {attempt.batch_id}",
        why="its outputs are being fetched",
        since=attempt.ended_at or facts.since("ended", "vanished"),
        waits_for="its outputs",
        next="it gets its final state when they are here",
        next_at=None,
        turn=Turn.CE,
        todo=f"nothing; if it stays like this see `hosted-ce logs --pilot {facts.pilot.id}`",
    )


def done(facts: Facts) -> Answer | None:
    """It is over, or held. None: its state says neither."""
    match facts.pilot.state:
        case State.COMPLETED:
            return _completed(facts)
        case State.REMOVED:
            return _removed(facts)
        case State.LOST:
            return _lost(facts)
        case State.HELD:
            return _held(facts)
        case State.IDLE | State.RUNNING | State.UNKNOWN:
            return None
        case state:
            assert_never(state)


def _completed(facts: Facts) -> Answer:
    turn, todo = advice_of(facts)
    return _over(facts, Situation.COMPLETED, "is over: its batch job has ended", turn, todo)


def _end_words(facts: Facts) -> str:
    end, attempt = facts.last("completed", "removed", "lost", "held"), facts.pilot.attempt
    said = facts.pilot.reason or (end.event.reason if end else None) or "it ended"
    if attempt is None or attempt.outcome_class is None:
        return said
    return f"{said} ({attempt.outcome_class.value}: {attempt.outcome_evidence or 'no evidence was kept'})"


def _removed(facts: Facts) -> Answer:
    event = facts.last("removal_asked") or facts.last("removed")
    attempt = facts.pilot.attempt
    if attempt and attempt.outcome is Outcome.CANCELLED and not facts.pilot.goal.ends_attempt:
        todo = f"ask the site who cancelled job {attempt.batch_id}, if it matters"
        where = "is over: it was cancelled at the site"
        return _over(facts, Situation.REMOVED, where, Turn.SITE, todo)
    by = f" by {event.event.actor}" if event else ""
    return _over(facts, Situation.REMOVED, f"is over: it was removed{by}", Turn.NOBODY, "nothing")


def _lost(facts: Facts) -> Answer:
    attempt = facts.pilot.attempt
    job = f"{_job_words(attempt)} on {attempt.node or 'its node'}" if attempt else "its job"
    todo = f"ask the site what became of {job}; the factory removes the pilot and sends new ones"
    return _over(facts, Situation.LOST, "is over: its batch job vanished", Turn.SITE, todo)


def _job_words(attempt: Attempt) -> str:
    """Its name at the site is the stamp, which is all that is known when no answer came to the submission."""
    return f"job {attempt.batch_id}" if attempt.batch_id else f"the job with the name {attempt.stamp}"


def _over(facts: Facts, what: Situation, where: str, turn: Turn, todo: str) -> Answer:
    since = facts.pilot.finished_at or facts.pilot.changed_at
    return Answer(what, where, _end_words(facts), since, None, None, None, turn, todo)


def _held(facts: Facts) -> Answer:
    pilot, event = facts.pilot, facts.last("held")
    turn, todo = _of_cause(pilot.hold_cause, _asker(facts))
    if pilot.hold_cause not in FOR_GOOD:
        todo = f"{todo}, then {how_to_release(pilot)}"
    return Answer(
        Situation.HELD,
        where="is held; it has no batch job",
        why=pilot.reason or (event.event.reason if event else None) or "no reason was given",
        since=event.at if event else pilot.changed_at,
        waits_for="its release, or its removal",
        next="nothing, until somebody releases or removes it",
        next_at=None,
        turn=turn,
        todo=todo,
    )


def _asker(facts: Facts) -> str:
    """Who asked for the hold: where there was a batch job, the engine only carried it out."""
    wishes = (each.event for each in reversed(facts.events) if each.event.what in {"held", "hold_asked"})
    return next((event.actor for event in wishes if event.actor not in {"engine", "site"}), "")


def _of_cause(cause: HoldCause | None, actor: str) -> tuple[Turn, str]:
    match cause:
        case HoldCause.REQUESTED | None:
            return who_asked(actor), "wait until the reason is gone"
        case HoldCause.NO_ROUTE:
            return Turn.OSG, "mend the routes in the site file, or have the factory mend its entry"
        case HoldCause.REFUSED:
            return Turn.OSG, "mend the route that sent it, or have the factory mend its entry"
        case HoldCause.BAD_REQUEST:
            return Turn.FACTORY, "mend the entry and remove the pilot: what it asks for stays as it is"
        case HoldCause.INPUTS:
            return Turn.FACTORY, "remove the pilot: new ones bring their own input files"
        case cause:
            assert_never(cause)
