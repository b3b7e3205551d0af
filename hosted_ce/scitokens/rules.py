"""By which rules tokens are taken, and what is known of one that is good."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.scitokens.scopes import Scope

ANY_WLCG = "https://wlcg.cern.ch/jwt/v1/any"
"""The audience of WLCG tokens for whoever takes them."""
ANY_SCITOKENS = "ANY"
"""The same in SciTokens 2.0."""
ALGORITHMS = ("RS256", "ES256")
"""Those that the WLCG profile asks for. Never one with a shared secret, never none."""
LARGEST_TOKEN = 16384
"""Characters, as HTCondor takes them."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a token must have."""

    audiences: frozenset[str]
    """One of its audiences must be one of these, letter by letter."""
    any_audience: bool = True
    """Whether a token for everybody is for us, too."""
    longest_s: float = 86400.0
    """The longest lifetime that is taken, in seconds."""
    leeway_s: float = 60.0
    """By so much an issuer's clock may differ from ours."""


@dataclass(frozen=True, slots=True)
class GoodToken:
    """A token that is what it says. Times in seconds since the epoch."""

    issuer: str
    subject: str
    scopes: frozenset[Scope]
    expires_at: float
    id: str | None
    """Its jti."""


def audiences_of(host: str, door_port: int, public_url: str) -> frozenset[str]:
    """What tokens for this CE have as audience: as HTTPS service, as HTCondor-CE, as HTCondor's collector."""
    return frozenset({public_url.rstrip("/"), f"https://{host}", f"condor://{host}", f"{host}:{door_port}"})
