"""Pilots that are being submitted, and those whose submission is in doubt. Pure."""

from __future__ import annotations

from hosted_ce.why.answer import Answer, Situation, Turn
from hosted_ce.why.asked import asked_words
from hosted_ce.why.facts import Condition, Facts, Place
from hosted_ce.why.place import place_of
from hosted_ce.why.waiting import refused

DOUBT = "may or may not have a batch job"


def submitting(facts: Facts) -> Answer:
    """Its attempt is written down; the site has not taken it yet."""
    place, attempt = place_of(facts), facts.attempt
    where = f"is to be submitted to cluster {place.name} by route {attempt.route}"
    if facts.pilot.goal.ends_attempt:
        return _withdrawn(facts, place, where)
    if place.closed:
        return _closed(facts, place, where)
    if facts.refusal and facts.refusal.until > facts.now:
        return refused(facts, facts.refusal, where)
    return Answer(
        Situation.BEING_SUBMITTED,
        where=where,
        why=f"its turn comes: cluster {place.name} takes so many submissions at a time",
        since=attempt.created_at,
        waits_for=f"the answer of cluster {place.name}",
        next="the submit command answers, as a rule within seconds",
        next_at=None,
        turn=Turn.CE,
        todo="nothing",
    )


def doubtful(facts: Facts) -> Answer:
    """Whether the site took it is not known; evidence is looked for, and nothing is guessed."""
    place, attempt, pilot = place_of(facts), facts.attempt, facts.pilot
    since = attempt.doubt_since or facts.since("doubtful")
    doubt = facts.last("doubtful")
    why = (doubt.event.reason if doubt else None) or pilot.reason or "the answer to its submission was lost"
    notes = (asked_words(facts),) if pilot.goal.ends_attempt else ()
    if attempt.overdue_since is not None:
        return Answer(
            Situation.IN_DOUBT_TOO_LONG, DOUBT, why, since,
            waits_for="evidence from the site, or an operator's word",
            next=f"evidence is still looked for, every {place.poll_s:.0f} s",
            next_at=None,
            turn=Turn.OSG,
            todo=f"look at the site for a job named {attempt.stamp}: there is one, `hosted-ce pilots adopt "
            f"{pilot.id} --batch-id N`; there is none, `hosted-ce pilots abandon {pilot.id}`",
            notes=notes,
        )  # fmt: skip
    return Answer(
        Situation.IN_DOUBT, DOUBT, why, since,
        waits_for=f"evidence from cluster {place.name}: its spool, its queue, its accounting",
        next=f"evidence is looked for every {place.poll_s:.0f} s; without any an operator is told",
        next_at=since + place.doubt_deadline_s,
        turn=Turn.CE,
        todo="nothing yet: doubts are settled within minutes as a rule",
        notes=notes,
    )  # fmt: skip


def _withdrawn(facts: Facts, place: Place, where: str) -> Answer:
    return Answer(
        Situation.ENDING,
        where=where,
        why=asked_words(facts),
        since=facts.since("removal_asked", "hold_asked", "release_asked"),
        waits_for=f"cluster {place.name} to confirm that it never takes this request",
        next="its request is withdrawn",
        next_at=None,
        turn=Turn.CE,
        todo="nothing",
    )


def _closed(facts: Facts, place: Place, where: str) -> Answer:
    paused = place.condition is Condition.PAUSED
    todo = (
        f"`hosted-ce site resume {place.name}` when the reason is gone"
        if paused
        else f"read the reason; ask the site if it stays. `hosted-ce site resume {place.name}` tries at once"
    )
    return Answer(
        Situation.NOT_SUBMITTING,
        where=where,
        why=f"nothing is submitted to cluster {place.name} now: {place.closed}",
        since=place.since,
        waits_for=f"cluster {place.name} to take submissions",
        next="it is submitted when the cluster is resumed"
        if paused
        else f"it goes on with the next complete listing, looked for every {place.poll_s:.0f} s",
        next_at=None,
        turn=Turn.OSG if paused else Turn.SITE,
        todo=todo,
    )
