"""Knows the tokens of the issuers that the site file in force names."""

from __future__ import annotations

from collections.abc import Callable

from hosted_ce.api.ports.issuers import Member, NotMapped
from hosted_ce.scitokens.errors import TokenRefused
from hosted_ce.scitokens.keyring import Keyring
from hosted_ce.scitokens.rules import Rules, audiences_of
from hosted_ce.scitokens.verify import claimed, verified
from hosted_ce.site import SiteFile
from hosted_ce.site.issuer import Issuer
from hosted_ce.site.mapping import mapped, trusted


class IssuerTokens:
    """See hosted_ce.api.ports.issuers. The list of issuers is looked at before anything is fetched."""

    def __init__(
        self, site: Callable[[], SiteFile], keyring: Keyring, public_url: str, now: Callable[[], float]
    ):
        self._site, self._keyring, self._public_url, self._now = site, keyring, public_url, now

    async def member(self, token: str) -> Member:
        """Raises TokenRefused, NotMapped, KeysUnavailable."""
        said, site = claimed(token), self._site()
        if not trusted(site.issuers, said.issuer):
            raise TokenRefused("the token's issuer is not trusted here")
        keys = await self._keyring.keys(said.issuer, said.key_id)
        good = verified(said, keys, self._rules(site), self._now())
        entry = mapped(site.issuers, site.bans, good.issuer, good.subject)
        if not isinstance(entry, Issuer):
            what = "takes no tokens of" if entry is None else "bans"
            raise NotMapped(f"the site file {what} {good.subject} of {good.issuer}")
        return Member(good, entry.account, entry.vo or entry.account)

    def _rules(self, site: SiteFile) -> Rules:
        door = site.front_door
        url = self._public_url.rstrip("/")
        return Rules(audiences_of(door.host, door.port, url) if door else frozenset({url}))
