"""What looks wrong about the front door: issuers that no token is of, bans that ban nobody, its files."""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.site.errors import Loc, quote
from hosted_ce.site.front_door import FrontDoor
from hosted_ce.site.issuer import Ban, Issuer
from hosted_ce.site.lint.files import check_key, check_readable
from hosted_ce.site.model import SiteFile
from hosted_ce.site.positions import Finding


def check_door(site: SiteFile) -> Iterator[Finding]:
    """Warnings about issuers, bans and the front door, and errors about the files that it names."""
    yield from _check_names(site)
    for index, ban in enumerate(site.bans):
        yield from _check_ban(("bans", index), ban, site.issuers)
    if site.front_door is not None:
        yield from _check_files(site.front_door)
        yield from _check_visitors(site)
        yield from _check_work_folders(site)


def _check_names(site: SiteFile) -> Iterator[Finding]:
    """An issuer's name is compared letter by letter with the one in the token."""
    spellings: dict[str, str] = {}
    named = [(("issuers", index, "issuer"), entry.issuer) for index, entry in enumerate(site.issuers)]
    named += [(("bans", index, "issuer"), ban.issuer) for index, ban in enumerate(site.bans)]
    for loc, name in named:
        if not name.startswith("https://"):
            message = f"{quote(name)} does not begin with https://, as the iss of tokens does"
            yield Finding(loc, message, "write it exactly as in the tokens' iss", "warning")
        if spellings.setdefault(name.rstrip("/"), name) != name:
            other = quote(spellings[name.rstrip("/")])
            message = f"{quote(name)} and {other} are two issuers: the slash at the end counts"
            yield Finding(loc, message, "write it exactly as in the tokens' iss", "warning")


def _check_ban(loc: Loc, ban: Ban, issuers: tuple[Issuer, ...]) -> Iterator[Finding]:
    entries = [entry for entry in issuers if entry.issuer == ban.issuer]
    if any(_takes(entry, ban.subject) for entry in entries):
        return
    whom = f"subject {quote(ban.subject)} of this issuer" if entries and ban.subject else "this issuer"
    hint = "check its spelling, or take the ban out"
    yield Finding(loc, f"no entry of issuers: takes {whom}, so this bans nobody", hint, "warning")


def _takes(entry: Issuer, subject: str | None) -> bool:
    return entry.subjects is None or subject is None or subject in entry.subjects


def _check_files(door: FrontDoor) -> Iterator[Finding]:
    yield from check_readable(("front_door", "certificate"), door.certificate, "the host certificate")
    yield from check_key(("front_door", "certificate_key"), door.certificate_key, whose="certificate")
    if door.trusted_ca is not None:
        yield from check_readable(
            ("front_door", "trusted_ca"), door.trusted_ca, "the authorities' certificates", or_folder=True
        )


def _check_visitors(site: SiteFile) -> Iterator[Finding]:
    if not site.issuers:
        hint = "list under issuers: whose tokens are taken"
        yield Finding(
            ("front_door",), "no token is taken: there are no issuers", hint, "warning", at_key=True
        )
        return
    accounts = {entry.account for entry in site.issuers}
    for name, cluster in site.clusters.items():
        if cluster.account not in accounts:
            message = f"no issuer's pilots run as {cluster.account}, so none come from the front door"
            hint = "name this account under issuers:, if they should"
            yield Finding(("clusters", name, "account"), message, hint, "warning")


def _check_work_folders(site: SiteFile) -> Iterator[Finding]:
    """A glidein that finds no OSG_WN_TMP gives up after 20 minutes."""
    for index, route in enumerate(site.routes):
        if site.cluster_of(route).scratch is None and "OSG_WN_TMP" not in route.request.environment:
            cluster = quote(site.cluster_name_of(route))
            message = (
                f"its pilots get no OSG_WN_TMP, which the factory's need: cluster {cluster} has no scratch:"
            )
            hint = "give the cluster a scratch: folder, or set OSG_WN_TMP in the route's environment:"
            yield Finding(("routes", index, "name"), message, hint, "warning")
