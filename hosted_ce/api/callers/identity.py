"""Whose token it is. Who shows none, or one that is not good, is refused, and the log says why."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

import structlog

from hosted_ce.access.book import LinkUsed
from hosted_ce.access.roles import Role
from hosted_ce.access.token import Token
from hosted_ce.api.callers.caller import STATE_FOLDER, Caller, said_of
from hosted_ce.api.problems.kind import Kind
from hosted_ce.api.problems.kinds import FORBIDDEN, UNAUTHORIZED
from hosted_ce.api.problems.problem import BadToken, Problem
from hosted_ce.api.services import Services
from hosted_ce.api.times import rfc3339

log = structlog.get_logger(__name__)


def good_caller(services: Services, secret: str) -> Caller | None:
    """Who has this token; None: it is none of ours, or not good any more."""
    if hmac.compare_digest(secret.encode(), services.token.encode()):
        return STATE_FOLDER
    token = services.tokens.find(secret)
    if token is None or token.ended_at(services.now()) is not None:
        return None
    services.tokens.note_use(token)
    return Caller(token.name, token.role, token.id, token.expires_at)


def caller_of(services: Services, secret: str, challenge: Mapping[str, str]) -> Caller:
    """Who has this token, which is good. Raises Problem, with the challenge as its headers."""
    caller = good_caller(services, secret)
    if caller is None:
        raise _not_good(services, secret, challenge)
    return caller


async def secret_to_keep(services: Services, shown: str, challenge: Mapping[str, str]) -> str:
    """What a browser that shows this secret is to keep: another one, if it is of a link that works once.

    Raises Problem.
    """
    token = services.tokens.find_link(shown)
    if token is None:
        return shown
    _check_good(services, token, challenge)
    try:
        return await services.tokens.enter(token.id)
    except LinkUsed as error:
        raise unauthorized(str(error), challenge, **_known(token)) from error


def still_good(services: Services, caller: Caller) -> bool:
    """Whether the caller's token opens anything yet: for answers that go on."""
    return caller.token_id is None or services.tokens.good(caller.token_id)


def check_role(caller: Caller, least: Role) -> None:
    """Raises Problem when the caller's role does not cover `least`."""
    if caller.role.covers(least):
        return
    detail = f"this needs the role {least.value}; {caller.name!r} is {_article(caller.role)}"
    log.info("access denied", why=detail, needs=least.value, **said_of(caller))
    raise Problem(FORBIDDEN, detail, needs=least.value, role=caller.role.value)


def unauthorized(detail: str, challenge: Mapping[str, str], **known: object) -> Problem:
    """The refusal of a token that is not known, or not any more; it is in the log."""
    log.info("access denied", why=detail, **known)
    return BadToken(UNAUTHORIZED, detail, headers=challenge)


def token_missing(detail: str, challenge: Mapping[str, str]) -> Problem:
    """The refusal of who shows no token; it is in the log."""
    return refused(UNAUTHORIZED, detail, challenge)


def refused(kind: Kind, detail: str, headers: Mapping[str, str] | None = None, **known: object) -> Problem:
    """A refusal that is in the log, with what is known of who was refused."""
    log.info("access denied", why=detail, **known)
    return Problem(kind, detail, headers=headers)


def _check_good(services: Services, token: Token, challenge: Mapping[str, str]) -> None:
    if (ended_at := token.ended_at(services.now())) is not None:
        raise _over(token, ended_at, challenge)


def _over(token: Token, ended_at: float, challenge: Mapping[str, str]) -> Problem:
    how = "was revoked" if token.revoked_at == ended_at else "expired"
    return unauthorized(_ended(token, how, ended_at), challenge, **_known(token))


def _not_good(services: Services, secret: str, challenge: Mapping[str, str]) -> Problem:
    token = services.tokens.find(secret)
    if token and (ended_at := token.ended_at(services.now())) is not None:
        return _over(token, ended_at, challenge)
    link = services.tokens.find_link(secret)
    if link is None:
        return unauthorized("the token is not this CE's", challenge)
    detail = (
        f"this is of the link of {link.name!r}, which signs one browser in and does nothing else: open it"
    )
    return unauthorized(detail, challenge, **_known(link))


def _known(token: Token) -> dict[str, object]:
    return {"token_id": token.id, "caller": token.name}


def _ended(token: Token, how: str, at: float) -> str:
    return f"the token {token.name!r} {how} at {rfc3339(at)}; ask who made it for a new one"


def _article(role: Role) -> str:
    return f"{'a' if role is Role.VIEWER else 'an'} {role.value}"
