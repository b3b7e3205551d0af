"""Whether the number of pilots grows by itself, and what goes on after the session."""

from __future__ import annotations

from collections.abc import Callable

from hosted_ce.session.facts import Facts, RampSeen
from hosted_ce.session.found import Found, ItemState, not_yet

RAMP, AUTO = "/ramp", "auto"
NO_RAMP = "no route has a ramp"
ADD_RAMP = "write `ramp: true` to a route in the site file; the CE reads it by itself"


def ramp_goes(facts: Facts) -> Found:
    """Every ramp goes by evidence: none is stopped."""
    if not facts.ramps:
        return not_yet(NO_RAMP, ADD_RAMP)
    stopped = [ramp for ramp in facts.ramps if ramp.mode != AUTO]
    if stopped:
        return Found(ItemState.OPEN, "; ".join(f"{said(ramp)}, {ramp.mode}" for ramp in stopped), link=RAMP)
    since = max(ramp.since for ramp in facts.ramps)
    return Found(ItemState.DONE, "; ".join(map(said, facts.ramps)), since, RAMP)


def ramp_at(cap: int) -> Callable[[Facts], Found]:
    """A route admits so many pilots, or all that it ever will."""

    def judge(facts: Facts) -> Found:
        if not facts.ramps:
            return not_yet(NO_RAMP, ADD_RAMP)
        for ramp in facts.ramps:
            if ramp.cap >= min(cap, ramp.target):
                return Found(ItemState.DONE, said(ramp), ramp.since, RAMP)
        best = max(facts.ramps, key=lambda ramp: ramp.cap)
        seen = said(best) + (f"; {best.waits_for}" if best.waits_for else "")
        return Found(ItemState.RUNNING if best.mode == AUTO else ItemState.OPEN, seen, best.since, RAMP)

    return judge


def checks_go_on(facts: Facts) -> Found:
    """The site file asks for checks from time to time."""
    if facts.checks_every is None:
        return not_yet(
            "the site file asks for no checks by themselves", "write `checks: {every: 7d}` into it"
        )
    return Found(ItemState.DONE, f"every {facts.checks_every}", facts.file_since, "/site/checks")


def said(ramp: RampSeen) -> str:
    """Where a ramp stands."""
    return f"route {ramp.route} admits {ramp.cap} of {ramp.target}"
