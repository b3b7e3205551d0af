"""Pilots whose batch job is in the site's queue, or runs. Pure."""

from __future__ import annotations

from hosted_ce.pilots.never import never_starts
from hosted_ce.pilots.pilot import Attempt
from hosted_ce.pilots.queue_words import ARRAY_WITHOUT_IT, HELD_AT_SITE
from hosted_ce.pilots.states import Stage
from hosted_ce.why.answer import Answer, Situation, Turn
from hosted_ce.why.asked import asked_words
from hosted_ce.why.facts import Facts
from hosted_ce.why.place import place_of

LATE_S = 900.0
"""Batch systems end jobs some time after their walltime."""
STUBBORN = 4
"""After so many requests to cancel a job it is the site's administrators' turn."""
LOST_AFTER = 3
"""Complete listings in a row without the job."""


def queued(facts: Facts) -> Answer:
    """Its batch job waits."""
    attempt, place = facts.attempt, place_of(facts)
    job = f"batch job {attempt.batch_id} at cluster {place.name}"
    where = f"is in the site's queue: {job}"
    if answer := _leaving(facts, where):
        return answer
    said = ": ".join(part for part in (attempt.site_state, attempt.site_reason) if part)
    if (facts.pilot.reason or "").startswith(HELD_AT_SITE):
        return Answer(
            Situation.HELD_AT_SITE, where,
            why=f"it is held in the site's queue: {said or 'no reason was given'}",
            since=attempt.submitted_at,
            waits_for="somebody at the site to release it",
            next="nothing, until it is released there",
            next_at=None,
            turn=Turn.SITE,
            todo=f"ask the site's administrators why job {attempt.batch_id} is held there",
        )  # fmt: skip
    if never_starts(attempt.site_reason):
        return _never(facts, where, said)
    return Answer(
        Situation.IN_QUEUE, where,
        why=f"the batch system says {said}" if said else "the batch system has not said why yet",
        since=attempt.submitted_at,
        waits_for="the site's batch system to start it",
        next=f"it runs when the batch system starts it; the queue is looked at every {place.poll_s:.0f} s",
        next_at=None,
        turn=Turn.SITE,
        todo=f"nothing at the CE; if it waits for too long, ask the site about job {attempt.batch_id}",
    )  # fmt: skip


def _never(facts: Facts, where: str, said: str) -> Answer:
    attempt = facts.attempt
    return Answer(
        Situation.NEVER_STARTS, where,
        why="it never starts as it is: it asks for more walltime, nodes, cores or memory than the queue or "
        f"the account gives one job. The batch system says {said}",
        since=attempt.submitted_at,
        waits_for="somebody to remove it, or the site to raise the limit",
        next="nothing: it keeps its place until it is removed",
        next_at=None,
        turn=Turn.OSG,
        todo="limit what pilots ask for, at the factory's entry (maxWallTime, maxMemory, xcount) or in route "
        f"{attempt.route} of the site file (`walltime`, `memory`, `cpus`); then `hosted-ce pilots remove "
        f"{facts.pilot.id}`. If the job should be let in, ask the site for that limit",
    )  # fmt: skip


def running(facts: Facts) -> Answer:
    """Its batch job runs."""
    attempt, place = facts.attempt, place_of(facts)
    where = f"runs on {attempt.node or 'a node'}: batch job {attempt.batch_id} at cluster {place.name}"
    if answer := _leaving(facts, where):
        return answer
    end = walltime_end(attempt)
    if end is not None and facts.now > end + LATE_S:
        return Answer(
            Situation.OVERRUN, where,
            why="its walltime is over, and the batch system still shows it running",
            since=end,
            waits_for="the site to end it",
            next="it is removed when the time of the front door's policy is over"
            if facts.pilot.door_open else "nothing, until the site ends it",
            next_at=None,
            turn=Turn.SITE,
            todo=f"ask the site about job {attempt.batch_id}, or remove it: `hosted-ce pilots remove "
            f"{facts.pilot.id}`",
        )  # fmt: skip
    return Answer(
        Situation.RUNNING, where,
        why="the site started it",
        since=attempt.started_at or facts.since("running", "adopted"),
        waits_for=None,
        next="it ends by itself, or at its walltime",
        next_at=end,
        turn=Turn.NOBODY,
        todo="nothing",
    )  # fmt: skip


def walltime_end(attempt: Attempt) -> float | None:
    """When its walltime is over; None: that is not known."""
    walltime = (attempt.granted or {}).get("walltime_s") or attempt.request.get("walltime_s")
    return attempt.started_at + walltime if attempt.started_at is not None and walltime else None


def _leaving(facts: Facts, where: str) -> Answer | None:
    """It is to end, or has gone from the listings."""
    if facts.attempt.absences:
        return _missing(facts, where)
    return _ending(facts, where) if facts.pilot.goal.ends_attempt else None


def _missing(facts: Facts, where: str) -> Answer:
    attempt, place = facts.attempt, place_of(facts)
    since = attempt.absent_since or facts.pilot.changed_at
    over_at, grace = since + place.missing_grace_s, f"{place.missing_grace_s:.0f} s"
    cancelled = attempt.site_reason == ARRAY_WITHOUT_IT
    guess = "so that it seems to have been cancelled while it waited"
    known = f"; {ARRAY_WITHOUT_IT}, {guess}" if cancelled else ""
    trace, called = ("a record of its own", "cancelled") if cancelled else ("any trace", "lost")
    return Answer(
        Situation.MISSING, f"{where}, as far as we know",
        why=f"{attempt.absences} complete listings in a row do not have its job, and accounting knows no end"
        f"{known}",
        since=since,
        waits_for="a record of its end, or more listings",
        next=f"without {trace} in {LOST_AFTER} listings it is called {called}"
        if attempt.absences < LOST_AFTER else
        f"without {trace} it is called {called} at the first listing after {grace} of absence",
        next_at=over_at if over_at > facts.now else None,
        turn=Turn.CE,
        todo=f"nothing yet; the site can tell what became of job {attempt.batch_id}",
    )  # fmt: skip


def _ending(facts: Facts, where: str) -> Answer:
    attempt, place = facts.attempt, place_of(facts)
    stubborn = attempt.cancels >= STUBBORN
    gently = facts.pilot.stage is Stage.RUNNING and attempt.cancels == 1
    asked = attempt.cancel_asked_at
    return Answer(
        Situation.ENDING, where,
        why=asked_words(facts),
        since=facts.since("removal_asked", "hold_asked", "release_asked"),
        waits_for="the site to end its batch job",
        next="it was asked to end in order; if it does not, its job is cancelled"
        if gently else "its job is cancelled, again and again with growing pauses until it has ended",
        next_at=asked + place.cancel_grace_s if gently and asked is not None else None,
        turn=Turn.SITE if stubborn else Turn.CE,
        todo=f"ask the site: job {attempt.batch_id} does not end, and was cancelled {attempt.cancels} times"
        if stubborn else "nothing",
    )  # fmt: skip
