"""Ramps of a CE with some days behind it: one that climbs, one that is held, one that somebody pinned."""

from __future__ import annotations

from hosted_ce.ramp import acts
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Direction, State, Step, StepCause, Word
from tests.browser.scene import NOW
from tests.fakes.ramps import KnownRamps

RULES = Rules(2, 50)
SEEN = Evidence(
    newest=80, at_site=32, settled=30, begun=16, started=14, queued=2, tried=14, proven=9, wait_s=240
)
GONE = Evidence(at_site=2, begun=6, over=4, started=6, tried=6, failed={"no_cvmfs": 3, "vanished": 1})
REASON = "4 of 4 started (3 are enough), 4 of 4 ran 25 min or ended well, failures 0 of 4, wait 3 min"


def put_ramps(ramps: KnownRamps) -> None:
    """All of them."""
    now = NOW
    ramps.put("large", RULES, State(32, now - 900, after=60, carried=16), SEEN)
    ramps.made["large"] = [
        Step(now - 900 - 1800 * number, Direction.UP, StepCause.PASSED, cap, 2 * cap, "engine", REASON)
        for number, cap in enumerate((16, 8, 4, 2))
    ]
    ramps.put(
        "gpu", Rules(2, 20), State(2, now - 7200, falls=1, fell_at=now - 7200, held_since=now - 3600), GONE
    )
    word = Word("rest:operator", now - 60, "the site moves its storage, ticket 4711")
    state, step = acts.pin(State(8, now - 9000), Evidence(at_site=5), Rules(2, 100), word, 5)
    ramps.put("any", Rules(2, 100), state, Evidence(at_site=5))
    ramps.made["any"] = [step]
