"""The chart's list of token issuers and their accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hosted_ce.routing.htcondor.place import shown
from hosted_ce.site_import.facts import Facts, Identity
from hosted_ce.site_import.identities import add_identity
from hosted_ce.site_import.remote import nowhere
from hosted_ce.site_import.secrets import holds_secret
from hosted_ce.site_import.values import Found, Values

OSPOOL = ("https://scitokens.org/osg-connect", "osg01")
_OTHERS = (
    "chtc.cs.wisc.edu (osg02), hcc (osg03), six of cms-auth.web.cern.ch (osg04), fermilab (osg05), ligo "
    "(osg07), three of atlas-auth.web.cern.ch (osg09), zeus.phys.uconn.edu (osg10), dune (osg11), "
    "icecube (osg12), jlab's clas12 and eic (osg14)"
)


def take_users(values: Values, facts: Facts) -> None:
    """Takes each `url[,subject]: user`."""
    mapping = values.take("SciTokenRemoteUserMapping")
    if mapping is None:
        _take_default(facts)
        return
    for entry in _entries(mapping, values):
        issuer, comma, subject = entry.what.partition(",")
        user = entry.text
        what = f"{mapping.what} {shown(entry.what, 120)}"
        if holds_secret(entry.what) or user is None or holds_secret(user):
            facts.notes.person(entry.place, mapping.what, "an account is expected behind the issuer")
            continue
        wider = "; the chart's pattern also took longer subjects" if comma else ""
        identity = Identity(issuer.strip(), subject.strip() if comma else None, user, entry.place)
        add_identity(identity, what, facts, wider)
    if not facts.allowed:
        facts.notes.person(
            mapping.place, mapping.what, "no issuer could be taken over: nobody's pilots are taken"
        )


def _entries(mapping: Found, values: Values) -> Iterator[Found]:
    """Issuers and users; the name of each is the issuer. A list of groups of keys, or one group."""
    if isinstance(mapping.value, Mapping):
        for issuer in mapping.value:
            part = values.inside(mapping, issuer)
            yield Found(part.value, part.place, str(issuer))
        return
    items = mapping.value if isinstance(mapping.value, list) else []
    for index, item in enumerate(items):
        part = values.inside(mapping, index)
        if not isinstance(item, Mapping):
            yield Found(None, part.place, str(item)[:120])
            continue
        for issuer in item:
            found = values.inside(mapping, index, issuer)
            yield Found(found.value, found.place, str(issuer))


def _take_default(facts: Facts) -> None:
    """What the chart has where values say nothing: here the OSPool alone, since few sites take more."""
    issuer, account = OSPOOL
    place = nowhere("").place
    identity = Identity(issuer, None, account, place)
    facts.allow(identity)
    facts.seen[issuer, None] = identity
    message = (
        f"the values do not say it, so the chart's own list counts today: {issuer} ({account}), which is "
        f"taken over, and {_OTHERS}. Write those that the site wants under issuers:"
    )
    facts.notes.person(place, "SciTokenRemoteUserMapping", message)
