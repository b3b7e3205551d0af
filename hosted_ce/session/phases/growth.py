"""How does it grow?"""

from __future__ import annotations

from hosted_ce.session.item import Act, Item, Move, Phase
from hosted_ce.session.judges.growth import ramp_at, ramp_goes

FIRST_STEP = 4
"""Pilots: twice as many as a ramp begins with."""
GROWTH = Phase(
    "growth", "Growing", 15,
    "The number of pilots goes up by itself as long as all goes well, to what was agreed.",
    (
        Item(
            "target", "How far it may grow is agreed",
            "The most pilots of each route, the most that wait, and before what the site wants to be asked.",
            "agree on numbers, note them as a decision, put them into the site file, then say so", Move.BOTH,
        ),
        Item(
            "ramp", "The ramp goes",
            "Each route admits a few pilots and more with each step, when the ones before did well.",
            "run it: ramps that were stopped go on", Move.OSG,
            needs=("first-running",), run=Act.RAMP, judge=ramp_goes,
        ),
        Item(
            "ramp-4", "It made its first step, to four",
            "The first pilots ran for long enough, and more are let in.",
            "wait; the ramp's page says for what", Move.OSG,
            needs=("ramp",), judge=ramp_at(FIRST_STEP),
        ),
    ),
)  # fmt: skip
"""The ramp."""
