"""Tokens of the API, without their secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace

import sqlalchemy as sa

from hosted_ce.access.roles import Role
from hosted_ce.access.token import Token
from hosted_ce.store.database import Database
from hosted_ce.store.tables import tokens

KEPT_S = 90 * 86400.0
"""How long a token is remembered that is expired or revoked: who uses it still is told so."""
_COLUMNS = [tokens.c[field.name] for field in fields(Token)]
_USED = sa.update(tokens).where(tokens.c.id == sa.bindparam("token")).values(last_used_at=sa.bindparam("at"))


class TokenStore:
    """Reads and writes them. Times in seconds since the epoch."""

    def __init__(self, database: Database):
        self._database = database

    async def all(self) -> Sequence[Token]:
        """Those on record, the oldest first."""
        select = sa.select(*_COLUMNS).order_by(tokens.c.id)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return [Token(**{**row._mapping, "role": Role(row.role)}) for row in rows]

    async def add(self, token: Token) -> Token:
        """Writes a new one down and forgets those that ended long before; returns it with its id."""
        values = {name: value for name, value in asdict(token).items() if name != "id"}

        insert = sa.insert(tokens).values(values).returning(tokens.c.id)

        def work(connection: sa.Connection) -> int:
            connection.execute(_forget(token.created_at - KEPT_S))
            return int(connection.execute(insert).scalar_one())

        return replace(token, id=await self._database.write(work))

    async def revoke(self, token: Token) -> None:
        """Writes down when and by whom it was revoked."""
        values = {"revoked_at": token.revoked_at, "revoked_by": token.revoked_by}
        update = sa.update(tokens).where(tokens.c.id == token.id).values(values)
        await self._database.write(lambda connection: connection.execute(update))

    async def used(self, at: Mapping[int, float]) -> None:
        """Writes down when tokens were used last, by their ids: all of them at once."""
        rows = [{"token": token_id, "at": when} for token_id, when in at.items()]
        await self._database.write(lambda connection: connection.execute(_USED, rows))

    async def entered(self, token: Token) -> None:
        """Writes down that its link was used, and the checksum of its new secret."""
        values = {"digest": token.digest, "link_used_at": token.link_used_at}
        update = sa.update(tokens).where(tokens.c.id == token.id).values(values)
        await self._database.write(lambda connection: connection.execute(update))


def _forget(before: float) -> sa.Delete:
    return sa.delete(tokens).where(sa.or_(tokens.c.expires_at < before, tokens.c.revoked_at < before))
