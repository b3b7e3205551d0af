"""One site file says whose token is whose, at the API and in HTCondor's mapfile; bans come first at both."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any, cast

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from hosted_ce.api.ports.issuers import NotMapped
from hosted_ce.daemon.issuers import IssuerTokens
from hosted_ce.front_door.door import Door
from hosted_ce.front_door.layout import layout_of
from hosted_ce.front_door.programs import Programs
from hosted_ce.scitokens.errors import TokenRefused
from hosted_ce.scitokens.keyring import Keyring
from hosted_ce.scitokens.keys import Keys, keys_in
from hosted_ce.site import SiteFile
from hosted_ce.site.load import read_site_text
from tests.fakes.issuing import AUDIENCE, NOW, key_set, token
from tests.fakes.sites import cluster, document

NAMES = st.sampled_from(
    ["https://a.example/x", "https://a.example", "https://a.example/x.y", "https://b.example"]
)
SUBJECTS = st.sampled_from(["one", "two", "one.two", "onetwo", "o+"])
ACCOUNTS = ("osg01", "osg02")
ENTRIES = st.fixed_dictionaries(
    {"issuer": NAMES, "account": st.sampled_from(ACCOUNTS)},
    optional={"subjects": st.lists(SUBJECTS, min_size=1, max_size=2, unique=True)},
)
BANS = st.fixed_dictionaries({"issuer": NAMES}, optional={"subject": SUBJECTS})
DOOR = {
    "host": AUDIENCE.partition(":")[0], "port": int(AUDIENCE.partition(":")[2]),
    "certificate": "/c.pem", "certificate_key": "/k.pem",
}  # fmt: skip


class OneKey:
    """Every issuer has the same key, so that only the mapping says whose token is taken."""

    async def keys(self, issuer: str, key_id: str | None) -> Keys:
        return keys_in(key_set("es1"))


def condors(text: str, issuer: str, subject: str) -> str:
    """What HTCondor makes of the mapfile: the first line that matches."""
    for line in text.splitlines():
        method, principal, name = [*line.split(), "", "", ""][:3]
        if method != "SCITOKENS":
            continue
        identity = f"{issuer},{subject}"
        if principal.startswith("/"):
            found = re.search(principal[1:-1], identity)
        else:
            found = identity if principal.strip('"') == identity else None
        if found:
            return name
    return ""


def site_of(issuers: list[dict[str, Any]], bans: list[dict[str, Any]]) -> SiteFile:
    """As it comes out of a file's text."""
    clusters = {name: cluster(account=name) for name in ACCOUNTS}
    routes = [{"name": name, "cluster": name} for name in ACCOUNTS]
    said = document(*routes, clusters=clusters, front_door=DOOR, issuers=issuers, bans=bans)
    reading = read_site_text(yaml.safe_dump(said))
    assume(reading.site is not None)  # one that says of a token twice whose it is
    return cast(SiteFile, reading.site)


def at_the_api(site: SiteFile, issuer: str, subject: str) -> str | None:
    """The account that a good token of theirs is mapped to; None: it is refused."""
    tokens = IssuerTokens(lambda: site, cast(Keyring, OneKey()), "http://127.0.0.1:8080", lambda: NOW)
    try:
        return asyncio.run(tokens.member(token("es1", iss=issuer, sub=subject))).account
    except (NotMapped, TokenRefused):
        return None


def at_the_door(site: SiteFile, issuer: str, subject: str) -> str | None:
    """The same by the mapfile that the front door writes for the site."""
    assert site.front_door
    layout = layout_of(Path("/state"))
    door = Door(site, site.front_door, layout, Programs(Path("/usr/sbin/condor_master")), "hosted-ce")
    name = condors(door.texts()[layout.mapfile], issuer, subject).partition("@")[0]
    return name if name in ACCOUNTS else None


@given(st.lists(ENTRIES, max_size=4), st.lists(BANS, max_size=2), NAMES, SUBJECTS)
def test_both_doors_map_a_token_alike_and_ban_first(
    issuers: list[dict[str, Any]], bans: list[dict[str, Any]], issuer: str, subject: str
) -> None:
    site = site_of(issuers, bans)
    taken = at_the_api(site, issuer, subject)
    assert taken == at_the_door(site, issuer, subject)
    if any(ban["issuer"] == issuer and ban.get("subject", subject) == subject for ban in bans):
        assert taken is None
    elif any(entry["issuer"] == issuer and "subjects" not in entry for entry in issuers):
        assert taken is not None, "whoever is not banned comes in"
