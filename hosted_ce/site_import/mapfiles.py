"""HTCondor-CE's mapfiles: lines that say exactly one issuer or subject go over, patterns are for a person."""

from __future__ import annotations

import re

from hosted_ce.routing.htcondor.lint.mapfile import BANNED, Mapping, read_mapping
from hosted_ce.routing.htcondor.place import Place, shown
from hosted_ce.site_import.facts import Facts, Identity
from hosted_ce.site_import.identities import add_identity
from hosted_ce.site_import.secrets import without_secrets

_ESCAPED = re.compile(r"\\([^A-Za-z0-9])")
_SPECIAL = re.compile(r"[\\^$*+?()\[\]{}|]")
_HTCONDORS_OWN = frozenset(
    {"fs", "claimtobe", "password", "idtokens", "anonymous", "kerberos", "munge", "nobody"}
)


def take_mapfile(file: str, text: str, facts: Facts, *, others: bool = False) -> None:
    """Takes the lines of one mapfile. `others`: those that it includes are among the sources."""
    for number, line in enumerate(without_secrets(file, text, facts.notes).split("\n"), 1):
        bare, place = line.strip(), Place(file, number)
        if not bare or bare.startswith("#"):
            continue
        if bare.startswith("@include") and others:
            facts.notes.unneeded(place, shown(bare), "the other mapfiles were read before it")
        elif bare.startswith("@include"):
            facts.notes.person(place, shown(bare), "give this command the files that are meant, too")
        elif (mapping := read_mapping(line, place)) is None:
            facts.notes.person(place, shown(bare), "this is no line of a mapfile")
        else:
            _take(mapping, shown(bare, 120), facts)


def _take(mapping: Mapping, what: str, facts: Facts) -> None:
    if mapping.method in _HTCONDORS_OWN:
        facts.notes.unneeded(mapping.place, what, "HTCondor's own daemons and tools need no such line here")
        return
    if mapping.method != "scitokens":
        facts.notes.person(mapping.place, what, "the front door takes tokens only, as issuers: and bans: say")
        return
    principal, remark = _principal(mapping)
    if principal is None:
        facts.notes.person(mapping.place, what, f"{remark}; write what is meant under issuers: or bans:")
        return
    issuer, _, subject = principal.partition(",")
    account = mapping.account if mapping.account.endswith(BANNED) else mapping.account.partition("@")[0]
    add_identity(Identity(issuer, subject or None, account, mapping.place), what, facts, remark)


def _principal(mapping: Mapping) -> tuple[str | None, str]:
    """`issuer,subject`, or `issuer,` for all subjects; and a remark, or why there is none."""
    if mapping.pattern is None:
        exact = "," in mapping.principal and not mapping.principal.endswith(",")
        return (mapping.principal, "") if exact else (None, "this name is no issuer,subject")
    if mapping.options:
        return None, "the pattern has flags"
    if not mapping.pattern.startswith("^"):
        return None, "the pattern is found anywhere in an identity, as it does not begin with ^"
    return _plain(mapping.pattern[1:])


def _plain(pattern: str) -> tuple[str | None, str]:
    whole = re.fullmatch(r"(.*?),(?:\.\*)?\$?", pattern) if not pattern.endswith(r"\$") else None
    closed = whole is not None or (pattern.endswith("$") and not pattern.endswith(r"\$"))
    text = f"{whole[1]}," if whole else pattern.removesuffix("$") if closed else pattern
    if whole and pattern.endswith(",$"):
        return None, "the pattern takes only tokens without a subject"
    unescaped = _ESCAPED.sub("", text)
    if _SPECIAL.search(unescaped):
        return None, "the pattern stands for more than one name"
    if not closed:
        return None, "the pattern takes every longer identity, too, as it does not end with $"
    remark = "; a dot of the pattern is taken for a dot" if "." in unescaped else ""
    return _ESCAPED.sub(r"\1", text), remark
