"""Live integration sessions as they are written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import sqlalchemy as sa

from hosted_ce.session.board import Session
from hosted_ce.session.errors import CannotSay, NoSession, SessionEnded, SessionOpen
from hosted_ce.session.log import Entry, Said
from hosted_ce.store.database import Database
from hosted_ce.store.tables import session_entries as entries
from hosted_ce.store.tables import sessions
from hosted_ce.written import written as as_stored

MOST_ENTRIES = 2000
"""Of a session: far more than people say in two hours."""
_SESSION = [sessions.c[field.name] for field in fields(Session)]
_ENTRY = [entries.c[field.name] for field in fields(Entry)]


class SessionStore:
    """Reads and writes them. Times in seconds since the epoch."""

    def __init__(self, database: Database):
        self._database = database

    async def begin(self, session: Session, key: str | None) -> Session:
        """A new one, with its id, or the one that was begun with this key. Raises SessionOpen."""
        values = {name: value for name, value in asdict(session).items() if name != "id"}

        def work(connection: sa.Connection) -> Session:
            if key and (known := _one(connection, sessions.c.idempotency_key == key)):
                return known
            if going := _one(connection, sessions.c.ended_at.is_(None)):
                raise SessionOpen(going.id, going.partner)
            insert = sa.insert(sessions).values(**values, idempotency_key=key).returning(sessions.c.id)
            return replace(session, id=int(connection.execute(insert).scalar_one()))

        return await self._database.write(work)

    async def end(self, session: Session, record: dict[str, Any]) -> None:
        """It has ended like this; it stays so if it had ended already."""
        change = sa.update(sessions).where(sessions.c.id == session.id, sessions.c.ended_at.is_(None))
        values = {"ended_at": session.ended_at, "ended_by": session.ended_by, "record": record}
        await self._database.write(lambda connection: connection.execute(change.values(values)))

    async def add(self, session_id: int, entry: Entry, key: str | None) -> Entry:
        """Writes an entry down, with its number; the one that was said with this key, if there is one.

        Raises NoSession, SessionEnded.
        """
        values = {name: value for name, value in asdict(entry).items() if name != "number"}

        def work(connection: sa.Connection) -> Entry:
            session = _one(connection, sessions.c.id == session_id)
            if session is None:
                raise NoSession(session_id)
            if key and (known := _said(connection, session_id, entries.c.idempotency_key == key)):
                if _words(known[0]) != _words(entry):
                    raise CannotSay(f"this was sent before, with other words: entry {known[0].number}")
                return known[0]
            if session.ended_at is not None:
                raise SessionEnded(session_id)
            last = sa.select(sa.func.max(entries.c.number)).where(entries.c.session_id == session_id)
            number = (connection.scalar(last) or 0) + 1
            if number > MOST_ENTRIES:
                raise CannotSay(
                    f"{MOST_ENTRIES} entries are all that a session keeps: end it, and begin another"
                )
            own = {"session_id": session_id, "number": number, "idempotency_key": key}
            connection.execute(sa.insert(entries), {**values, **own})
            return replace(entry, number=number)

        return await self._database.write(work)

    async def entries(self, session_id: int) -> list[Entry]:
        """What was said in it, in order."""
        return await self._database.read(lambda connection: _said(connection, session_id))

    async def entry(self, session_id: int, key: str) -> Entry | None:
        """What was said in it with this key."""
        with_key = entries.c.idempotency_key == key
        found = await self._database.read(lambda connection: _said(connection, session_id, with_key))
        return found[0] if found else None

    async def open(self) -> Session | None:
        """The one that is open."""
        return await self._database.read(lambda connection: _one(connection, sessions.c.ended_at.is_(None)))

    async def get(self, session_id: int) -> Session | None:
        """One of them."""
        return await self._database.read(lambda connection: _one(connection, sessions.c.id == session_id))

    async def record(self, session_id: int) -> dict[str, Any] | None:
        """How it stood at its end."""
        select = sa.select(sessions.c.record).where(sessions.c.id == session_id)
        return await self._database.read(lambda connection: connection.execute(select).scalar())

    async def latest(self, limit: int) -> Sequence[Session]:
        """The newest ones."""
        select = sa.select(*_SESSION).order_by(sessions.c.id.desc()).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(select).all())
        return [Session(**row._mapping) for row in rows]


def _words(entry: Entry) -> tuple[object, ...]:
    """What is said, as it is stored."""
    texts = [None if text is None else as_stored(text) for text in (entry.text, entry.owner)]
    return (entry.said, entry.item, entry.due, entry.about, *texts)


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Session | None:
    row = connection.execute(sa.select(*_SESSION).where(condition)).first()
    return Session(**row._mapping) if row else None


def _said(connection: sa.Connection, session_id: int, *more: sa.ColumnElement[bool]) -> list[Entry]:
    select = sa.select(*_ENTRY).where(entries.c.session_id == session_id, *more).order_by(entries.c.number)
    return [Entry(**{**row._mapping, "said": Said(row.said)}) for row in connection.execute(select)]
