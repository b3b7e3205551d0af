"""The links by which a site looks on: tokens of viewers, told from others by who made them."""

from __future__ import annotations

from itertools import count

from hosted_ce.access.book import NameTaken, TokenBook
from hosted_ce.access.roles import Role
from hosted_ce.access.token import LONGEST_NAME, Token
from hosted_ce.session.board import Session


async def new_link(
    tokens: TokenBook, session: Session, *, lasting_s: float, by: str, now: float
) -> tuple[Token, str]:
    """A new one, and its secret. The session's own ones of before end; a name that is taken gets a number."""
    maker = f"session {session.id}:"  # others are made through a front door, whose name has no space
    for token in tokens.all():
        if token.created_by.startswith(maker) and token.good(now):
            await tokens.revoke(token.id, by=by)
    made_by = maker + (by.partition(":")[2] or by)
    for number in count(1):
        try:
            return await tokens.create(_name(session, number), Role.VIEWER, lasting_s=lasting_s, by=made_by)
        except NameTaken:
            continue
    raise AssertionError("numbers do not end")


def _name(session: Session, number: int) -> str:
    end = f" ({number})" if number > 1 else ""
    name = f"session {session.id}: {session.partner}"
    return name[: LONGEST_NAME - len(end)].rstrip() + end
