"""Do test pilots get through?"""

from __future__ import annotations

from hosted_ce.session.item import Act, Item, Move, Phase
from hosted_ce.session.judges.pilots import tested

TESTS = Phase(
    "tests", "First test pilots", 20,
    "A pilot of our own goes from the CE to a worker node and comes back, without a factory.",
    (
        Item(
            "hello", "A short test pilot comes back",
            "It says who it is, where, and what it finds there, and ends.",
            "run it; if it waits, the site looks at its queue; if it fails, read its output", Move.OSG,
            needs=("contact",), run=Act.HELLO, judge=tested("hello"),
        ),
        Item(
            "stress", "A test pilot uses what a pilot gets",
            "It keeps all cores busy, touches the memory, writes scratch, and says what it was given.",
            "run it; compare what it was given with what was promised", Move.OSG,
            needs=("hello",), run=Act.STRESS, judge=tested("stress"),
        ),
        Item(
            "site-sees", "The site sees them as it expects",
            "The jobs were in the right partition, charged to the right account, in the site's own tools.",
            "look at them with the batch system's commands and in its accounting, then say so", Move.SITE,
            needs=("hello",),
        ),
    ),
)  # fmt: skip
"""The next twenty minutes."""
