"""The least CE that takes pilots by HTCondor-C: a collector and a schedd, run by an ordinary account.

It has no policy of its own. It proves the lab; the product's own front door is what the other tests use.
"""

from __future__ import annotations

from tests.e2e.condor.config import QUICK_RESTART, Identity
from tests.e2e.condor.instance import Condor, prepare
from tests.e2e.condor.lab import CondorLab

PILOT_DOMAIN = "users.htcondor.org"
"""The domain of everybody whom a CE lets in; none of them has an account on the machine."""

_LINES = (
    "QUEUE_SUPER_USERS = root",  # besides the account that runs the schedd
    f"UID_DOMAIN = {PILOT_DOMAIN}",
    "ALLOW_WRITE = *@$(UID_DOMAIN)",
    "SCHEDD_SEND_RESCHEDULE = False",
    "PERIODIC_EXPR_INTERVAL = 2",
)


def start_minimal_ce(lab: CondorLab, *lines: str, host: str = "ce.lab.test") -> Condor:
    """A CE that runs; whoever has a token that it signed is let in."""
    identity = Identity(host, lab.folder / host, next(lab.ports))
    daemons = "MASTER COLLECTOR SCHEDD"
    condor = prepare(
        lab.supervisor, lab.programs, lab.accounts["ce"], identity, daemons, *_LINES, *QUICK_RESTART, *lines
    )
    condor.start()
    return condor
