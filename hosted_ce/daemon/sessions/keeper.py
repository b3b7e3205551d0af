"""Keeps sessions: one at a time, written down as it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from hosted_ce.access.book import TokenBook
from hosted_ce.access.token import Token
from hosted_ce.api.views import SiteView
from hosted_ce.daemon.sessions.links import new_link
from hosted_ce.engine.ports import Clock
from hosted_ce.session.board import Board, Session
from hosted_ce.session.checklist import ITEMS, item_of
from hosted_ce.session.errors import CannotRun, NoSession, SessionEnded
from hosted_ce.session.facts import Facts
from hosted_ce.session.item import Act
from hosted_ce.session.judge import board_of, next_run
from hosted_ce.session.log import Entry, Said
from hosted_ce.session.record import read, written
from hosted_ce.session.remark import Remark, check_remark, check_run
from hosted_ce.store.sessions import SessionStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Started:
    """What became of an act: in words, with its result if it has it at once, and the page that shows it."""

    text: str
    well: bool | None = None
    link: str | None = None


class Eyes(Protocol):
    """Sees how the site stands; hosted_ce.daemon.sessions.eyes is the one in use."""

    async def facts(self, since: float) -> Facts:
        """What is known, of what began since then."""


class Hands(Protocol):
    """Starts things; hosted_ce.daemon.sessions.hands is the one in use."""

    async def start(self, act: Act, *, owner: str, actor: str) -> Started:
        """Starts it. Raises CannotRun."""


class Sessions:
    """See hosted_ce.api.ports.sessions.SessionKeeper. `told` is called after each change."""

    def __init__(
        self, store: SessionStore, eyes: Eyes, hands: Hands, tokens: TokenBook, *,
        site: Callable[[], SiteView], now: Clock, told: Callable[[], None],
    ):  # fmt: skip
        self._store, self._eyes, self._hands, self._tokens = store, eyes, hands, tokens
        self._site, self._now, self._told = site, now, told
        self._linking = asyncio.Lock()

    async def begin(self, partner: str, *, actor: str, key: str | None) -> Session:
        """Begins one."""
        site = self._site()
        session = Session(0, partner, site.name, site.resource, self._now(), actor)
        begun = await self._store.begin(session, key)
        log.info("a session begins", session=begun.id, partner=partner, actor=actor)
        self._told()
        return begun

    async def latest(self, limit: int) -> Sequence[Session]:
        """The newest ones."""
        return await self._store.latest(limit)

    async def board(self, number: int | None = None) -> Board:
        """How it stands, or stood."""
        session = await self._session(number)
        record = None if session.ended_at is None else await self._store.record(session.id)
        return await self._board(session) if record is None else read(record)

    async def say(
        self, remark: Remark, *, number: int | None = None, actor: str, key: str | None = None
    ) -> Entry:
        """Writes it down, after a look at whether it can be said."""
        session = await self._session(number)
        check_remark(remark, await self._store.entries(session.id))
        item = item_of(remark.item).id if remark.item else None
        entry = Entry(
            0, self._now(), actor, remark.said, remark.text, item, remark.owner, remark.due, remark.about
        )
        return await self._add(session, entry, key)

    async def run(
        self, item: str | None, *, number: int | None = None, actor: str, key: str | None = None
    ) -> Entry:
        """Starts it, and writes that down; what was asked for with this key before is not started again."""
        session = await self._session(number)
        if key and (known := await self._store.entry(session.id, key)):
            return known
        if session.ended_at is not None:
            raise SessionEnded(session.id)
        board = await self._board(session)
        wanted = item or next_run(board)
        if wanted is None:
            raise CannotRun("nothing is left that could be run now; see what waits: hosted-ce session show")
        check_run(board, wanted)
        found = ITEMS[item_of(wanted).id]
        act = found.run or Act.CHECK
        started = await self._hands.start(act, owner=actor.partition(":")[2] or actor, actor=actor)
        entry = Entry(
            0, self._now(), actor, Said.RUN, started.text, found.id, well=started.well, link=started.link
        )
        return await self._add(session, entry, key)

    async def link(self, *, number: int | None = None, lasting_s: float, actor: str) -> tuple[Token, str]:
        """A viewer's token; the session's own one of before is revoked first, and nobody else's."""
        session = await self._session(number)
        async with self._linking:
            return await new_link(self._tokens, session, lasting_s=lasting_s, by=actor, now=self._now())

    async def end(self, *, number: int | None = None, actor: str) -> Board:
        """Ends it, and keeps how it stood."""
        session = await self._session(number)
        if session.ended_at is None:
            ended = replace(session, ended_at=self._now(), ended_by=actor)
            await self._store.end(ended, written(await self._board(ended)))
            log.info("a session has ended", session=session.id, actor=actor)
            self._told()
        return await self.board(session.id)

    async def _session(self, number: int | None) -> Session:
        found = await (self._store.open() if number is None else self._store.get(number))
        if found is None:
            raise NoSession(number)
        return found

    async def _board(self, session: Session) -> Board:
        facts = await self._eyes.facts(session.began_at)
        return board_of(session, await self._store.entries(session.id), facts)

    async def _add(self, session: Session, entry: Entry, key: str | None) -> Entry:
        added = await self._store.add(session.id, entry, key)
        log.info(
            "said in a session", session=session.id, entry=added.number, said=added.said.value,
            item=added.item, actor=added.actor,
        )  # fmt: skip
        self._told()
        return added
