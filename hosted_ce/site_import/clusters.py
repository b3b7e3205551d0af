"""The clusters of a site file: one for each account and each place that routes lead to."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosted_ce.site import BadValue
from hosted_ce.site.errors import Loc
from hosted_ce.site.render import Remarks
from hosted_ce.site.text import check_host
from hosted_ce.site_import.destination import UNKNOWN_LOGIN, Destination
from hosted_ce.site_import.facts import Facts, Said
from hosted_ce.site_import.remote import nowhere

KNOWN_HOSTS = "/etc/hosted-ce/known_hosts"
DEFAULT_ACCOUNT = "osg01"


@dataclass(slots=True)
class Clusters:
    """The clusters by name; the names for each account: first of the main place, then of the others."""

    data: dict[str, dict[str, object]] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    fixed: str | None = None

    def account_of(self, account: str) -> str:
        """The account at the site that pilots of this one run as."""
        return self.fixed or account


def build_clusters(facts: Facts, remarks: Remarks) -> Clusters:
    """The clusters, with comments and notes about what is not known of them."""
    fixed = facts.said.get("login_account")
    accounts = list(dict.fromkeys(each.account for each in facts.allowed)) or [DEFAULT_ACCOUNT]
    if fixed:
        _tell_fixed(fixed, accounts, facts)
        accounts = [fixed.value]
    elif not facts.allowed:
        _missing(
            facts,
            "clusters: account",
            f"no source says the account at the login node; {DEFAULT_ACCOUNT} is usual",
        )
    clusters = Clusters(fixed=fixed.value if fixed else None)
    places: list[Destination | None] = [None, *list(facts.destinations)[1:]]
    for account in accounts:
        for number, place in enumerate(places):
            name = _name(account, len(accounts) > 1, number)
            clusters.names.setdefault(account, []).append(name)
            clusters.data[name] = _cluster(name, account, place, facts, remarks)
    _tell(facts, clusters, accounts, places)
    return clusters


def _name(account: str, several: bool, number: int) -> str:
    base = account[:50] if several else "main"
    return base if not number else f"{base}-{number + 1}"


def _cluster(
    name: str, account: str, place: Destination | None, facts: Facts, remarks: Remarks
) -> dict[str, object]:
    loc: Loc = ("clusters", name)
    batch = facts.said.get("batch")
    if place is None:
        login, port = facts.said.get("login"), facts.said.get("port")
        entry: dict[str, object] = {"host": login.value if login else UNKNOWN_LOGIN}
        entry |= {"port": int(port.value)} if port else {}
        system = batch.value if batch else "slurm"
        _beside(remarks, (*loc, "login", 0, "host"), login, "the login node")
        _beside(remarks, (*loc, "batch"), batch, "the batch system")
    else:
        entry, system = {"host": _host(place)}, place.batch
        entry |= {"port": place.port} if place.port else {}
        if entry["host"] == UNKNOWN_LOGIN:
            remarks.beside[*loc, "login", 0, "host"] = "CHANGE: the login node"
    account = place.account if place and place.account else account
    cluster: dict[str, object] = {
        "batch": system,
        "login": [entry],
        "account": account,
        "key": f"/etc/hosted-ce/{account}.key",
        "known_hosts": KNOWN_HOSTS,
    }
    remarks.beside[*loc, "key"] = "CHANGE: put the account's private key there, mode 0600"
    remarks.beside[*loc, "known_hosts"] = (
        "CHANGE: put the login node's host keys there, compared with the site's"
    )
    for key in ("scratch", "squid"):
        if said := facts.said.get(key):
            cluster[key] = said.value
            _beside(remarks, (*loc, key), said, "")
    if place is None and (limits := _limits(facts)):
        cluster["limits"] = {key: value for key, (value, _) in limits.items()}
        for key, (_, origin) in limits.items():
            remarks.beside[*loc, "limits", key] = origin
    return cluster


def _limits(facts: Facts) -> dict[str, tuple[int, str]]:
    """Limits for all routes together, and where they come from: the old CE has one route for everything."""
    if not facts.routers:
        names = ("pilots", "idle") if facts.kinds else ()
        said = {name: facts.said[name] for name in names if name in facts.said}
        return {name: (int(each.value), each.origin) for name, each in said.items()}
    limits = [kind.most for kind in facts.kinds.values()]
    together = sum(each for each in limits if each is not None)
    return (
        {"pilots": (together, "max_pilots of all [Pilot] sections")} if limits and None not in limits else {}
    )


def _host(place: Destination) -> str:
    try:
        return check_host(place.host or UNKNOWN_LOGIN)
    except BadValue:
        return UNKNOWN_LOGIN


def _beside(remarks: Remarks, loc: Loc, said: Said | None, unknown: str) -> None:
    if said is None:
        remarks.beside[loc] = f"CHANGE: {unknown}"
    else:
        remarks.beside[loc] = said.origin


def _tell(facts: Facts, clusters: Clusters, accounts: list[str], places: list[Destination | None]) -> None:
    for target, what in (("login", "the login node"), ("batch", "the batch system")):
        if target not in facts.said:
            _missing(facts, f"clusters: {target}", f"no source says {what}")
    keys = ", ".join(dict.fromkeys(str(cluster["key"]) for cluster in clusters.data.values()))
    _missing(facts, "clusters: key", f"put private keys for the login node there, mode 0600: {keys}")
    beside = f"; a copy is in {facts.folder}/known_hosts" if facts.known_hosts else ""
    _missing(facts, "clusters: known_hosts", f"put the login node's host keys into {KNOWN_HOSTS}{beside}")
    if "scratch" not in facts.said:
        _missing(
            facts,
            "clusters: scratch",
            "no folder on the worker nodes is known; pilots would run in the spool",
        )
    if len(accounts) > 1 and not facts.routers:
        message = (
            f"there are {len(accounts)} accounts, and each has a cluster and routes of its own: limits "
            "count for each account, and not for all together as those of a [Pilot] section did"
        )
        _missing(facts, "clusters", message)
    for place in places[1:]:
        if place:
            _tell_place(place, accounts, facts)


def _tell_place(place: Destination, accounts: list[str], facts: Facts) -> None:
    what = f"routes {', '.join(facts.destinations[place])}"
    if place.host is None:
        message = (
            f"its batch system ({place.batch}) is on the CE's own machine today: name a login node, or write "
            "`transport: local` if this CE is to run there, too"
        )
        _missing(facts, what, message)
    if place.account and place.account not in accounts:
        message = (
            f"they go to the account {place.account}, and issuers: has {', '.join(accounts)}: here "
            "pilots go only to clusters with the account of their issuer"
        )
        _missing(facts, what, message)


def _tell_fixed(fixed: Said, accounts: list[str], facts: Facts) -> None:
    for account in accounts if facts.allowed else ():
        if account != fixed.value:
            message = (
                f"pilots of {account} run as {fixed.value} at the login node, as GridResource says; "
                f"routes that look at Owner see {fixed.value} here"
            )
            facts.notes.person(fixed.place, fixed.what, message)


def _missing(facts: Facts, what: str, message: str) -> None:
    facts.notes.person(nowhere("").place, what, message)
