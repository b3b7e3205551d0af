"""What comes after the session?"""

from __future__ import annotations

from hosted_ce.session.item import Act, Item, Move, Phase
from hosted_ce.session.judges.growth import checks_go_on
from hosted_ce.session.judges.started import result_of

LATER = Phase(
    "later", "Next steps", 15,
    "Both sides know who looks at what from tomorrow on.",
    (
        Item(
            "verification", "What was asked, granted and used is compared",
            "With the first pilots there is little to judge; it is the same look as in a week.",
            "run it, and look at it together", Move.OSG,
            needs=("first-running",), run=Act.VERIFY, judge=result_of("verify"),
        ),
        Item(
            "weekly-checks", "Checks go on by themselves",
            "The same checks, from time to time, on a few nodes each: what got worse is told.",
            "ask for them in the site file", Move.OSG,
            needs=("site-file",), judge=checks_go_on,
        ),
        Item(
            "views", "The site knows where to look",
            "The pages of this CE: health, contributions, the ramp; and the OSPool's own.",
            "show the pages to the site, then say so", Move.OSG,
        ),
        Item(
            "downtime", "How a downtime is told is agreed",
            "Before maintenance, a new login node, address, host key or partition: to whom, and how early.",
            "agree on an address and how early, note it as a decision, then say so", Move.BOTH,
        ),
        Item(
            "mailing-list", "The site is on the contributors' list",
            "One or two mails a week, and a weekly meeting to which everybody may come.",
            "give the addresses to be put on the list, then say so", Move.SITE,
        ),
        Item(
            "follow-up", "The next look is agreed",
            "A date in one or two weeks: open items, the ramp, the verification.",
            "agree on a date, note it as a decision, then say so", Move.BOTH,
        ),
    ),
)  # fmt: skip
"""The last quarter of an hour."""
