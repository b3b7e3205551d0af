"""Which entry of the site file a token belongs to: the one rule for all front doors. Pure.

HTCondor's mapfile is made in the same order (hosted_ce.front_door.mapfile): bans, then subjects by name, then
whole issuers.
"""

from __future__ import annotations

from collections.abc import Sequence

from hosted_ce.site.issuer import Ban, Issuer


def trusted(issuers: Sequence[Issuer], issuer: str) -> bool:
    """Whether any token of this issuer could be taken: nothing is asked of others."""
    return any(entry.issuer == issuer for entry in issuers)


def mapped(issuers: Sequence[Issuer], bans: Sequence[Ban], issuer: str, subject: str) -> Issuer | Ban | None:
    """The entry that takes this token, the ban that refuses it, or None: nothing is said of it.

    Names are compared letter by letter.
    """
    for ban in bans:
        if ban.issuer == issuer and ban.subject in {None, subject}:
            return ban
    of_it = [entry for entry in issuers if entry.issuer == issuer]
    named = [entry for entry in of_it if entry.subjects is not None and subject in entry.subjects]
    return next(iter([*named, *(entry for entry in of_it if entry.subjects is None)]), None)
