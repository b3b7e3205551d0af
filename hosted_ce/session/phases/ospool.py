"""Do pilots of the OSPool run?"""

from __future__ import annotations

from hosted_ce.session.item import Item, Move, Phase
from hosted_ce.session.judges import pilots

OSPOOL = Phase(
    "ospool", "First OSPool pilots", 20,
    "A pilot that the OSPool sent runs at the site.",
    (
        Item(
            "first-came", "The first pilot came",
            "It came through the front door, and is no test.",
            "wait: a factory looks every few minutes; then see its log for this entry", Move.OSG,
            judge=pilots.came,
        ),
        Item(
            "first-routed", "A route took it",
            "It has a batch job, or is about to.",
            "see `hosted-ce why` for the pilot", Move.OSG,
            needs=("first-came",), judge=pilots.routed,
        ),
        Item(
            "first-running", "It ran at the site",
            "The batch system started it on a worker node.",
            "look at why it waits in the queue: `hosted-ce why` has the batch system's reason", Move.SITE,
            needs=("first-routed",), judge=pilots.running,
        ),
        Item(
            "first-worked", "It did its work",
            "It ended well and its outputs came back, or it has run for so long that its node is good.",
            "read its output: `hosted-ce pilots output` for the pilot", Move.OSG,
            needs=("first-running",), judge=pilots.worked,
        ),
        Item(
            "in-pool", "It is seen in the OSPool",
            "The pilot has joined the pool, and a researcher's job has run in it. The CE cannot see that.",
            "look for it in the pool's collector, then say so", Move.OSG,
            needs=("first-running",),
        ),
    ),
)  # fmt: skip
"""Then the real thing."""
