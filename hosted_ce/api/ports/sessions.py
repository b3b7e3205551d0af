"""What the API asks of who keeps sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hosted_ce.access.token import Token
from hosted_ce.session.board import Board, Session
from hosted_ce.session.log import Entry
from hosted_ce.session.remark import Remark


class SessionKeeper(Protocol):
    """Live integration sessions; hosted_ce.daemon.sessions.keeper is the one in use.

    `number` None: the one that is open. What they raise is in hosted_ce.session.errors, and UnknownItem.
    """

    async def begin(self, partner: str, *, actor: str, key: str | None) -> Session:
        """Begins one with these people. Raises SessionOpen."""

    async def latest(self, limit: int) -> Sequence[Session]:
        """The newest ones."""

    async def board(self, number: int | None = None) -> Board:
        """How it stands; how it stood at its end. Raises NoSession."""

    async def say(
        self, remark: Remark, *, number: int | None = None, actor: str, key: str | None = None
    ) -> Entry:
        """Writes down what somebody says. Raises NoSession, SessionEnded, CannotSay, UnknownItem."""

    async def run(
        self, item: str | None, *, number: int | None = None, actor: str, key: str | None = None
    ) -> Entry:
        """Starts what the item is about; None: the next that can be. Raises CannotRun and what `say` does."""

    async def link(self, *, number: int | None = None, lasting_s: float, actor: str) -> tuple[Token, str]:
        """A new token by which the site looks on, and its secret; the one of before ends."""

    async def end(self, *, number: int | None = None, actor: str) -> Board:
        """Ends it; how it stood then. One that has ended stays as it is. Raises NoSession."""
