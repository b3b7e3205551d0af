"""What the API asks of who knows the tokens of issuers (SciTokens, WLCG)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hosted_ce.scitokens.rules import GoodToken


class NotMapped(Exception):
    """The token is good, and the site file takes none of its subject, or bans it."""


@dataclass(frozen=True, slots=True)
class Member:
    """Whose token it is, and as which account and VO its pilots run, by the site file."""

    token: GoodToken
    account: str
    vo: str

    @property
    def owner(self) -> str:
        """As every front door names who asked for a pilot."""
        return f"{self.token.issuer},{self.token.subject}"


class IssuerTokens(Protocol):
    """Knows the tokens of the site file's issuers; hosted_ce.daemon.issuers has the one in use."""

    async def member(self, token: str) -> Member:
        """Raises TokenRefused, NotMapped, KeysUnavailable."""


class NoIssuers:
    """Of a CE that takes none."""

    async def member(self, token: str) -> Member:
        """Raises NotMapped."""
        raise NotMapped("this CE takes no tokens of issuers")
