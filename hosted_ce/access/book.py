"""All tokens in memory: a look-up costs no query, and what is revoked opens nothing from that moment on."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from hosted_ce.access.names import checked_name, taken
from hosted_ce.access.roles import Role
from hosted_ce.access.token import SECRET, Token, digest_of, new_secret

WRITE_S = 60.0
"""When a token was used last is written down at most so often."""


class NameTaken(Exception):
    """A good token has this name."""

    def __init__(self, token: Token):
        super().__init__(
            f"token {token.id} has the name {token.name!r}: choose another, or revoke that one first "
            f"(hosted-ce token revoke {token.id})"
        )


class LinkUsed(Exception):
    """The link works once, and was used."""

    def __init__(self, token: Token):
        super().__init__(
            f"the link of {token.name!r} works once, and was used; ask who made it for a new one"
        )
        self.token = token


class NoSuchToken(Exception):
    """There is no token with this id."""

    def __init__(self, token_id: int):
        super().__init__(f"there is no token {token_id}; `hosted-ce token list` shows them")


class TokenRecords(Protocol):
    """Where tokens are written down; hosted_ce.store.tokens has the one in use."""

    async def all(self) -> Sequence[Token]:
        """Those on record."""

    async def add(self, token: Token) -> Token:
        """Writes a new one down; returns it with its id."""

    async def revoke(self, token: Token) -> None:
        """Writes down when and by whom it was revoked."""

    async def used(self, at: Mapping[int, float]) -> None:
        """Writes down when tokens were used last, by their ids."""

    async def entered(self, token: Token) -> None:
        """Writes down that its link was used, and the checksum of its new secret."""


class TokenBook:
    """The tokens of a CE. There is one book for a database: `load` it before the first look-up."""

    def __init__(self, records: TokenRecords, now: Callable[[], float]):
        self._records, self._now = records, now
        self._tokens: dict[str, Token] = {}
        self._unwritten: dict[int, float] = {}
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """Reads what is on record."""
        self._tokens = {token.digest: token for token in await self._records.all()}

    async def run(self) -> None:
        """Runs for ever: writes down when tokens were used last, and at the end once more."""
        try:
            while True:
                await asyncio.sleep(WRITE_S)
                await self.write()
        finally:
            await self.write()

    async def write(self) -> None:
        """Writes down what was used since the last time."""
        used = dict(self._unwritten)
        if used:
            await self._records.used(used)
        self._unwritten = {token: at for token, at in self._unwritten.items() if used.get(token) != at}

    def all(self) -> list[Token]:
        """Those on record, whether they are good or not; the oldest first."""
        return sorted(self._tokens.values(), key=lambda token: token.id)

    def find(self, secret: str) -> Token | None:
        """The token with this secret, whether it is good or not.

        What it is found by is a checksum, of which an attacker cannot choose the digits one after the other:
        how long a look-up takes tells nothing. The comparison takes the same time for all, too.
        """
        if not SECRET.match(secret):
            return None
        digest = digest_of(secret)
        found = self._tokens.get(digest)
        return found if found and hmac.compare_digest(found.digest, digest) else None

    def find_link(self, secret: str) -> Token | None:
        """The token whose link works once and has this secret, whether it was used or not."""
        digest = digest_of(secret)
        return next((token for token in self._tokens.values() if token.link_digest == digest), None)

    def good(self, token_id: int) -> bool:
        """Whether there is such a token, and it opens anything."""
        return any(token.id == token_id and token.good(self._now()) for token in self._tokens.values())

    def note_use(self, token: Token) -> None:
        """It opened something now."""
        now = self._now()
        self._unwritten[token.id] = now
        self._tokens[token.digest] = replace(self._tokens[token.digest], last_used_at=now)

    async def create(
        self, name: str, role: Role, *, lasting_s: float | None, by: str, once: bool = False
    ) -> tuple[Token, str]:
        """A new token that holds for so many seconds (None: until it is revoked), and its secret.

        The secret is told this once. With `once` it is that of a link, and good for nothing but to `enter`.
        Raises ValueError for a name that cannot be one, NameTaken.
        """
        name = checked_name(name)
        async with self._changing:
            now = self._now()
            self._refuse_taken(name, now)
            secret = new_secret()
            expires_at = None if lasting_s is None else now + lasting_s
            new = Token(0, name, role, digest_of(secret), now, by, expires_at)
            if once:
                new = replace(new, digest=digest_of(new_secret()), link_digest=new.digest)
            token = await self._records.add(new)
            self._tokens[token.digest] = token
            return token, secret

    async def enter(self, token_id: int) -> str:
        """The new secret of a token whose link works once, and was not used. Raises LinkUsed, NoSuchToken."""
        async with self._changing:
            token, secret = self._with_id(token_id), new_secret()
            if token.link_digest is None or token.link_used_at is not None:
                raise LinkUsed(token)
            new = replace(token, digest=digest_of(secret), link_used_at=self._now())
            await self._records.entered(new)
            meanwhile = self._tokens.pop(token.digest)  # it may have been revoked
            self._tokens[new.digest] = replace(meanwhile, digest=new.digest, link_used_at=new.link_used_at)
            return secret

    async def revoke(self, token_id: int, *, by: str) -> Token:
        """Ends a token now; one that is revoked already stays as it is. Raises NoSuchToken.

        It opens nothing from now on, whatever becomes of writing that down; if that fails, ask again.
        """
        token = self._with_id(token_id)
        if token.revoked_at is None:
            token = replace(token, revoked_at=self._now(), revoked_by=by)
            self._tokens[token.digest] = token
        await self._records.revoke(token)
        return token

    def _refuse_taken(self, name: str, now: float) -> None:
        for token in self.all():
            if token.good(now) and taken(name, [token.name]):
                raise NameTaken(token)

    def _with_id(self, token_id: int) -> Token:
        for token in self._tokens.values():
            if token.id == token_id:
                return token
        raise NoSuchToken(token_id)
