"""A token: what is known of it, and its secret, of which only the checksum is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from hosted_ce.access.roles import Role

PREFIX = "hce_"
"""By it scanners for secrets, and our own redaction, know a token wherever it turns up."""
SECRET_BYTES = 32
SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}\Z")
LONGEST_NAME = 48
"""Characters. With a front door's name before it, it is an event's actor."""


@dataclass(frozen=True, slots=True)
class Token:
    """A named token without its secret. Times in seconds since the epoch (UTC)."""

    id: int
    name: str
    role: Role
    digest: str
    """SHA-256 of the secret, in hex."""
    created_at: float
    created_by: str
    expires_at: float | None
    """None: it holds until it is revoked."""
    last_used_at: float | None = None
    revoked_at: float | None = None
    revoked_by: str | None = None
    link_digest: str | None = None
    """Of the secret of a link that works once; None: its links carry its own secret."""
    link_used_at: float | None = None

    def ended_at(self, now: float) -> float | None:
        """Since when it opens nothing any more; None: it is good."""
        ends = [at for at in (self.revoked_at, self.expires_at) if at is not None and at <= now]
        return min(ends, default=None)

    def good(self, now: float) -> bool:
        """Whether it opens anything."""
        return self.ended_at(now) is None


def new_secret() -> str:
    """A secret of 256 bits that nobody can guess."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def digest_of(secret: str) -> str:
    """What is kept of a secret.

    One round of SHA-256, without salt: slow hashes protect what people chose, and nobody guesses 256 random
    bits. A slow one would make every request slow, and denying easy to abuse.
    """
    return hashlib.sha256(secret.encode()).hexdigest()
