"""Pilots that wait in the CE: no batch job yet. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.why.answer import Answer, Situation, Turn
from hosted_ce.why.asked import asked_words
from hosted_ce.why.facts import Facts, Outlook, Ramp, Refusal

WHERE = "waits in the CE; it has no batch job"
OFTEN = 3
"""So many failed attempts are worth a look."""


def waiting(facts: Facts) -> Answer:
    """Why it has no attempt."""
    pilot = facts.pilot
    if pilot.goal.ends_attempt:
        return _closing(facts)
    if pilot.next_attempt_at > facts.now:
        return _pause(facts)
    if facts.refusal and facts.refusal.until > facts.now:
        return refused(facts, facts.refusal, WHERE)
    return _by_routes(facts, facts.outlook or Outlook(reason=pilot.reason or "not routed yet"))


def _by_routes(facts: Facts, outlook: Outlook) -> Answer:
    if outlook.waits_for and outlook.ramp:
        return _ramp(facts, outlook.waits_for, outlook.ramp)
    if outlook.waits_for:
        return _no_room(facts, outlook.waits_for, outlook.obstacle or outlook.reason)
    if outlook.route or (facts.outlook is None and facts.pilot.unroutable_since is None):
        return _to_be_routed(facts, outlook.route)
    return _no_route(facts, outlook.reason)


def refused(facts: Facts, refusal: Refusal, where: str) -> Answer:
    """The site takes no pilots of its route at present."""
    return Answer(
        Situation.ROUTE_REFUSED,
        where=where,
        why=f"the site refused the last pilot of route {refusal.route}: {refusal.said}",
        since=refusal.since,
        waits_for="the site to take pilots of this route",
        next="one pilot of the route is tried again",
        next_at=refusal.until,
        turn=Turn.OSG,
        todo="if it is a limit of the site, lower the route's limits to it or ask the site to raise it; when "
        "something was mended, `hosted-ce site resume CLUSTER` tries at once",
    )


def _closing(facts: Facts) -> Answer:
    return Answer(
        Situation.ENDING,
        where=WHERE,
        why=asked_words(facts),
        since=facts.since("removal_asked", "hold_asked", "release_asked"),
        waits_for="the CE",
        next="that is done with the next look at waiting pilots, within seconds",
        next_at=None,
        turn=Turn.CE,
        todo="nothing",
    )


def _pause(facts: Facts) -> Answer:
    pilot, failed = facts.pilot, facts.last("attempt_failed")
    number = pilot.attempt.number if pilot.attempt else 0
    why = failed.event.reason if failed else pilot.reason
    turn, todo = _after(facts, number, failed.event.data if failed else {})
    return Answer(
        Situation.NEXT_TRY,
        where=WHERE,
        why=f"attempt {number} failed: {why}",
        since=failed.at if failed else pilot.changed_at,
        waits_for="a pause before the next attempt, which doubles each time",
        next=f"it is routed anew, for attempt {number + 1}",
        next_at=pilot.next_attempt_at,
        turn=turn,
        todo=todo,
    )


def _after(facts: Facts, number: int, failed: Mapping[str, Any]) -> tuple[Turn, str]:
    """Whose move it is after so many attempts, and what to do."""
    if failed.get("class") == EndClass.PROLOGUE_FAILED:
        mend = f"mend the route's prologue: `hosted-ce route explain {facts.pilot.id}` shows it"
        return Turn.OSG, f"{mend}; if it fails on one node only (`hosted-ce nodes`), tell the site"
    if number < OFTEN:
        return Turn.CE, "nothing yet"
    return Turn.OSG, f"see what the attempts have in common: `hosted-ce pilots show {facts.pilot.id}`"


def _to_be_routed(facts: Facts, route: str | None) -> Answer:
    pilot = facts.pilot
    return Answer(
        Situation.TO_BE_ROUTED,
        where=WHERE,
        why=f"route {route} takes it" if route else "it was not routed yet",
        since=pilot.created_at if pilot.attempt is None else pilot.changed_at,
        waits_for="its turn",
        next="it is routed, oldest pilots first: within seconds",
        next_at=None,
        turn=Turn.CE,
        todo="nothing",
    )


def _no_room(facts: Facts, route: str, obstacle: str) -> Answer:
    pilot = facts.pilot
    return Answer(
        Situation.NO_ROOM,
        where=WHERE,
        why=f"route {route} would take it, and has no room: {obstacle}",
        since=pilot.created_at if pilot.attempt is None else pilot.changed_at,
        waits_for=f"room in route {route}",
        next="it is submitted when pilots of the route have ended, oldest pilots first",
        next_at=None,
        turn=Turn.CE,
        todo="nothing; the limits are in the site file, and `hosted-ce route explain "
        f"{pilot.id}` shows how they are used up",
    )


def _ramp(facts: Facts, route: str, ramp: Ramp) -> Answer:
    pilot = facts.pilot
    return Answer(
        Situation.NO_ROOM,
        where=WHERE,
        why=f"the ramp of route {route} admits {ramp.cap} of {ramp.target} pilots now",
        since=pilot.created_at if pilot.attempt is None else pilot.changed_at,
        waits_for=f"the ramp of route {route}, or a pilot there to end",
        next=f"the next step, to {ramp.next_cap}: {ramp.waits_for}"
        if ramp.next_cap > ramp.cap else f"nothing by itself: {ramp.waits_for}",
        next_at=None,
        turn=Turn.CE if ramp.next_cap > ramp.cap else Turn.OSG,
        todo=f"nothing; `hosted-ce ramp show {route}` has the numbers, and `hosted-ce ramp` steers it",
    )  # fmt: skip


def _no_route(facts: Facts, reason: str) -> Answer:
    pilot, hold = facts.pilot, facts.no_route_hold_s
    since = pilot.unroutable_since or pilot.changed_at
    held = pilot.door_open and hold is not None
    return Answer(
        Situation.NO_ROUTE,
        where=WHERE,
        why=reason,
        since=since,
        waits_for="a route that takes it",
        next="it is held" if held else "nothing, until the routes are changed",
        next_at=since + hold if held and hold is not None else None,
        turn=Turn.OSG,
        todo=f"see `hosted-ce route explain {pilot.id}`: mend the routes in the site file, or have the "
        "factory mend its entry",
    )
