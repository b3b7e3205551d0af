"""Who may send pilots: identities in the order of today's mapfile, where the first that matches counts.

In a site file bans count first and a subject before its whole issuer, whatever the order. What would change
its meaning by that is left to a person.
"""

from __future__ import annotations

from hosted_ce.routing.htcondor.lint.mapfile import BANNED
from hosted_ce.site import BadValue
from hosted_ce.site import text as texts
from hosted_ce.site_import.facts import Facts, Identity


def add_identity(identity: Identity, what: str, facts: Facts, remark: str = "") -> None:
    """Adds an issuer, a subject, or a ban."""
    banned = identity.account.endswith(BANNED)
    if fault := _fault(identity, banned):
        facts.notes.person(identity.place, what, f"it cannot go under issuers: or bans: {fault}")
        return
    earlier = _shadow(identity, facts)
    facts.seen.setdefault((identity.issuer, identity.subject), identity)
    if earlier is not None and earlier.account == identity.account:
        facts.notes.mapped(identity.place, what, f"as {earlier.place} has it already")
    elif earlier is not None:
        message = (
            f"{earlier.place} takes the same tokens before it, so it does nothing today; it was left out"
        )
        facts.notes.person(identity.place, what, message)
    elif banned:
        _ban(identity, what, facts)
    else:
        facts.allow(identity)
        facts.notes.mapped(identity.place, what, f"issuers: account {identity.account}{remark}")


def _ban(identity: Identity, what: str, facts: Facts) -> None:
    excepted = facts.issuers.get(identity.issuer)
    if identity.subject is None and excepted:
        message = (
            f"{excepted.place} takes some of its subjects before it; the others are refused here anyway, "
            "since nothing takes them"
        )
        facts.notes.unneeded(identity.place, what, message)
        return
    facts.banned.append(identity)
    facts.notes.mapped(identity.place, what, "bans:")


def _shadow(identity: Identity, facts: Facts) -> Identity | None:
    """An entry before this one that takes all that this one would."""
    every = facts.seen.get((identity.issuer, None))
    return every or facts.seen.get((identity.issuer, identity.subject))


def _fault(identity: Identity, banned: bool) -> str | None:
    try:
        texts.ISSUER.check(identity.issuer)
        if identity.subject is not None:
            texts.SUBJECT.check(identity.subject)
        if not banned:
            texts.check_pilot_account(identity.account)
    except BadValue as fault:
        return str(fault)
    return None
