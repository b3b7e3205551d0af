"""Will the factory's pilots find their way?"""

from __future__ import annotations

from hosted_ce.session.item import Act, Item, Move, Phase
from hosted_ce.session.judges.started import front_door, result_of

DOOR = Phase(
    "door", "Front door and factory", 20,
    "The factory knows this CE, and a pilot that it sends would be taken.",
    (
        Item(
            "front-door", "The front door passes its checks",
            "Certificate, address, daemons, and who may come in.",
            "run them; mend what they say", Move.OSG,
            run=Act.FRONT_DOOR, judge=front_door,
        ),
        Item(
            "route", "A factory's pilot would be taken",
            "Which route takes a pilot as factories send it, and with which request to the batch system.",
            "run it; if no route takes it, change the route's `when`", Move.OSG,
            needs=("site-file",), run=Act.ROUTE, judge=result_of("route"),
        ),
        Item(
            "factory-entry", "The factory has an entry for this CE",
            "With two pilots at first; the front end's groups match it.",
            "make the entry and reconfigure the factory, then say so", Move.OSG,
            needs=("ready", "front-door", "route"),
        ),
    ),
)  # fmt: skip
"""Then the way in."""
