"""Names that the front door's configuration and its checks share."""

from __future__ import annotations

DOMAIN = "users.htcondor.org"
"""The domain of everybody who is let in, as at HTCondor-CE; nobody needs an account on the machine."""

BANNED = "banned.htcondor.org"
"""The domain that bans map to, as at HTCondor-CE; it is on every deny list."""

OWN = ("root", "condor")
"""Account names that HTCondor itself gives power to, in whichever domain."""
