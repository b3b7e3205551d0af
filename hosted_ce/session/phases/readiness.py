"""Is the site ready?"""

from __future__ import annotations

from hosted_ce.session.item import Act, Item, Move, Phase
from hosted_ce.session.judges import site

READINESS = Phase(
    "readiness", "Site readiness", 30,
    "Everything that a pilot needs at the site is there, seen from the login node and from worker nodes.",
    (
        Item(
            "people", "Who is here, and who is called later",
            "The people of both sides, and whom to call when something stands still in a week.",
            "tick it with the names: they head the minutes", Move.BOTH,
        ),
        Item(
            "site-file", "The site file is in force",
            "The CE works by what the kickoff settled, without errors.",
            "mend the site file as `hosted-ce site status` says; the CE reads it again by itself", Move.OSG,
            judge=site.site_file,
        ),
        Item(
            "contact", "We are in contact with the login node",
            "Name, firewall, host key, account and our key: all of them have to be right for this.",
            "run it; if it fails, the checks name the one thing that is wrong", Move.BOTH,
            needs=("site-file",), run=Act.CONTACT, judge=site.contact,
        ),
        Item(
            "site-check", "The checks of the site",
            "Named checks of the login node, of the batch system, and of worker nodes by small jobs. "
            "Each that fails says what to do.",
            "run them; mend what failed, one by one, and run them again", Move.SITE,
            needs=("site-file",), run=Act.CHECK, judge=site.checked,
        ),
        Item(
            "firewall", "Changes that take longer are asked for",
            "Firewalls, quotas, packages on nodes: what cannot be changed within the session.",
            "ask for them now, and note who asked whom; tick it when nothing is left to ask for", Move.SITE,
        ),
        Item(
            "ready", "The site is ready",
            "In contact, and no check failed.",
            "settle what is not done above it", Move.BOTH,
            needs=("contact", "site-check"), judge=site.ready,
        ),
    ),
)  # fmt: skip
"""The first half hour."""
