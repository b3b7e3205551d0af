"""How far pilots came: test pilots, and the first ones of the OSPool."""

from __future__ import annotations

from collections.abc import Callable

from hosted_ce.session.facts import STRETCH_S, Facts, PilotSeen
from hosted_ce.session.found import Found, ItemState, not_yet
from hosted_ce.session.judges.words import span


def tested(kind: str) -> Callable[[Facts], Found]:
    """The newest test pilot of this kind came back well."""

    def judge(facts: Facts) -> Found:
        newest = next(iter(facts.tests.get(kind, ())), None)
        if newest is None:
            return not_yet()
        if not newest.over:
            return Found(ItemState.RUNNING, way(newest), newest.came_at, page(newest))
        if newest.well:
            return Found(ItemState.DONE, came_back(newest), newest.ended_at, page(newest))
        todo = f"its output says why: `hosted-ce pilots output {newest.id}`"
        return Found(ItemState.FAILED, ending(newest), newest.ended_at, page(newest), todo)

    return judge


def came(facts: Facts) -> Found:
    """A pilot came that is no test."""
    if not facts.pilots:
        return not_yet(f"none came to {facts.door} yet" if facts.door else "none came yet")
    first = facts.pilots[-1]
    return Found(ItemState.DONE, f"pilot {first.id} came by {first.came_by}", first.came_at, page(first))


def routed(facts: Facts) -> Found:
    """A route took one of them."""
    taken = [pilot for pilot in facts.pilots if pilot.routed_at is not None]
    if taken:
        first = taken[-1]
        return Found(
            ItemState.DONE, f"route {first.route} took pilot {first.id}", first.routed_at, page(first)
        )
    return _stuck(facts)


def running(facts: Facts) -> Found:
    """One of them ran, or runs, at the site."""
    started = [pilot for pilot in facts.pilots if pilot.started_at is not None]
    if not started:
        return _stuck(facts)
    first = started[-1]
    where = f" on {first.node}" if first.node else ""
    job = f" as batch job {first.batch_id}" if first.batch_id else ""
    return Found(ItemState.DONE, f"pilot {first.id} ran{where}{job}", first.started_at, page(first))


def worked(facts: Facts) -> Found:
    """One of them ended well, or has run for long enough that nothing at the node ended it."""
    for pilot in reversed(facts.pilots):
        if pilot.well:
            return Found(ItemState.DONE, came_back(pilot), pilot.ended_at, page(pilot))
        if not pilot.over and pilot.ran_s(facts.now) >= STRETCH_S:
            seen = f"pilot {pilot.id} has run for {span(pilot.ran_s(facts.now))}"
            return Found(ItemState.DONE, seen, (pilot.started_at or 0.0) + STRETCH_S, page(pilot))
    if going := [pilot for pilot in facts.pilots if pilot.started_at is not None and not pilot.over]:
        seen = f"{way(going[-1])}; it counts when it ends well, or has run for {span(STRETCH_S)}"
        return Found(ItemState.RUNNING, seen, going[-1].started_at, page(going[-1]))
    return _stuck(facts)


def way(pilot: PilotSeen) -> str:
    """Where a pilot is, in one line."""
    return f"pilot {pilot.id} is {pilot.state}" + (f": {pilot.why}" if pilot.why else "")


def came_back(pilot: PilotSeen) -> str:
    """That it ended well."""
    where = f" on {pilot.node}" if pilot.node else ""
    return f"pilot {pilot.id} ran{where} for {span(pilot.ran_s(pilot.ended_at or 0.0))} and ended well"


def ending(pilot: PilotSeen) -> str:
    """That it did not."""
    return f"pilot {pilot.id} is {pilot.state}" + (
        f": {pilot.ended or pilot.why}" if pilot.ended or pilot.why else ""
    )


def page(pilot: PilotSeen) -> str:
    """Where it is shown."""
    return f"/pilots/{pilot.id}"


def _stuck(facts: Facts) -> Found:
    """None came so far: what is known of the newest that might."""
    if not facts.pilots:
        return not_yet()
    newest = facts.pilots[0]
    if newest.over or newest.state == "held":
        return Found(ItemState.FAILED, ending(newest), newest.ended_at, page(newest), f"see {page(newest)}")
    return Found(ItemState.OPEN, way(newest), newest.came_at, page(newest))
