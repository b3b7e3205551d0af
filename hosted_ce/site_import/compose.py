"""From what is known of a site to its site file: keys and values in the order of a person, and comments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hosted_ce.site.errors import Loc
from hosted_ce.site.render import Remarks
from hosted_ce.site_import.clusters import Clusters, build_clusters
from hosted_ce.site_import.facts import Facts, Identity, Said, spell_place
from hosted_ce.site_import.remote import nowhere
from hosted_ce.site_import.routes import add_routes

DEFAULT_COLLECTOR = "collector.opensciencegrid.org:9619"
DOOR_FILES = ("/etc/hosted-ce/hostcert.pem", "/etc/hosted-ce/hostkey.pem")


@dataclass(slots=True)
class Draft:
    """The site file as it grows."""

    facts: Facts
    site: dict[str, object] = field(default_factory=dict)
    remarks: Remarks = field(default_factory=Remarks)

    def beside(self, loc: Loc, said: Said | None, unknown: str = "") -> None:
        """Says beside a value where it came from; or, where nobody said it, what a person has to change."""
        if said is not None:
            self.remarks.beside[loc] = said.origin
        elif unknown:
            self.remarks.beside[loc] = f"CHANGE: {unknown}"


def compose(facts: Facts) -> Draft:
    """The site file; what nobody said is marked CHANGE, and among the notes."""
    draft = Draft(facts)
    _names(draft)
    clusters = build_clusters(facts, draft.remarks)
    draft.site["clusters"] = clusters.data
    draft.site["routes"] = add_routes(facts, clusters, draft.remarks)
    _issuers(draft, clusters)
    _door(draft)
    return draft


def _names(draft: Draft) -> None:
    facts = draft.facts
    group, resource = facts.said.get("resource_group"), facts.said.get("resource")
    draft.site["site"] = group.value if group else "Example-University"
    draft.beside(("site",), None, "the name in OSG Topology above the resource group")
    _missing(
        facts, "site", f"no source says the site's name in OSG Topology; {draft.site['site']} stands there"
    )
    draft.site["resource"] = resource.value if resource else "Example-CE1"
    draft.beside(("resource",), resource, "the CE's name in OSG Topology")
    if resource is None:
        _missing(facts, "resource", "no source says the CE's name in OSG Topology")
    if group:
        draft.site["resource_group"] = group.value
        draft.beside(("resource_group",), group)
    if contact := facts.said.get("contact"):
        draft.site["contacts"] = [contact.value]
        draft.beside(("contacts", 0), contact)
    else:
        _missing(facts, "contacts", "no source says who looks after the cluster")


def _missing(facts: Facts, what: str, message: str) -> None:
    facts.notes.person(nowhere("").place, what, message)


def _issuers(draft: Draft, clusters: Clusters) -> None:
    facts = draft.facts
    grouped: dict[tuple[str, str, bool], list[Identity]] = {}
    for identity in facts.allowed:
        account = clusters.account_of(identity.account)
        grouped.setdefault((identity.issuer, account, identity.subject is None), []).append(identity)
    entries: list[dict[str, object]] = []
    for (issuer, account, every), members in grouped.items():
        entry: dict[str, object] = {"issuer": issuer, "account": account}
        if not every:
            entry["subjects"] = list(dict.fromkeys(str(each.subject) for each in members))
        draft.remarks.beside["issuers", len(entries), "issuer"] = _where(members)
        entries.append(entry)
    if entries:
        draft.site["issuers"] = entries
    else:
        _missing(
            facts, "issuers", "no issuer is known: the front door takes nobody's pilots until some are listed"
        )
    if facts.banned:
        draft.site["bans"] = [
            {"issuer": each.issuer} | ({"subject": each.subject} if each.subject else {})
            for each in facts.banned
        ]
        for index, each in enumerate(facts.banned):
            draft.remarks.beside["bans", index, "issuer"] = spell_place(each.place)


def _where(members: Iterable[Identity]) -> str:
    first = next(iter(members)).place
    return spell_place(first) if first.file else "the chart's default"


def _door(draft: Draft) -> None:
    facts, loc = draft.facts, ("front_door",)
    host, most = facts.said.get("host"), facts.said.get("max_jobs")
    door: dict[str, object] = {"host": host.value if host else "ce.example.edu"}
    draft.beside((*loc, "host"), host, "the CE's public name; tokens are for it")
    if host is None:
        _missing(facts, "front_door.host", "no source says the CE's public name")
    door["certificate"], door["certificate_key"] = DOOR_FILES
    if most:
        door["max_jobs"] = int(most.value)
        draft.beside((*loc, "max_jobs"), most)
    collector = facts.said.get("collector")
    draft.remarks.below[*loc, list(door)[-1]] = [
        "advertise_to:                   # CHANGE: on the day of the change, when the old CE is down;",
        f"  - {collector.value if collector else DEFAULT_COLLECTOR} # factories send to what they find there",
    ]
    draft.site["front_door"] = door
    _missing(facts, "front_door.advertise_to", "it is a comment: take the # out when the old CE is down")
    _missing(
        facts,
        "front_door.certificate",
        f"put the host certificate and its key into {' and '.join(DOOR_FILES)}",
    )
