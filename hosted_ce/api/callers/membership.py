"""Who shows a token of an issuer (SciTokens, WLCG), and what it allows."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from hosted_ce.access.roles import Role
from hosted_ce.api.callers.caller import Caller, said_of
from hosted_ce.api.callers.identity import refused, unauthorized
from hosted_ce.api.ports.issuers import NotMapped
from hosted_ce.api.problems.kinds import FORBIDDEN, ISSUER_AWAY
from hosted_ce.api.services import Services
from hosted_ce.scitokens.errors import KeysUnavailable, TokenRefused
from hosted_ce.scitokens.scopes import Scope

DOTS = 2
"""In a token of an issuer, and in none of ours."""
AGAIN = {"Retry-After": "60"}


async def member_of(services: Services, token: str, challenge: Mapping[str, str]) -> Caller:
    """Whose token it is, if it is good and the site file takes it. Raises Problem."""
    try:
        member = await services.issuers.member(token)
    except TokenRefused as error:
        raise unauthorized(str(error), challenge) from error
    except NotMapped as error:
        raise refused(FORBIDDEN, f"{error}; ask the CE's operators") from error
    except KeysUnavailable as error:
        raise refused(ISSUER_AWAY, str(error), AGAIN) from error
    good = member.token
    return Caller(
        member.owner,
        Role.VIEWER,
        expires_at=good.expires_at,
        scopes=good.scopes,
        account=member.account,
        jti=good.id,
    )


def check_scopes(caller: Caller, wanted: Collection[Scope]) -> None:
    """Raises Problem when the token allows none of these. What wants none is not for such tokens."""
    if caller.scopes is None or caller.scopes & set(wanted):
        return
    if not wanted:
        detail = "this is for tokens of this CE's own, not for those of issuers"
        raise refused(FORBIDDEN, detail, None, **said_of(caller))
    needs = " or ".join(sorted(wanted))
    challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needs}"'}
    raise refused(FORBIDDEN, f"the token lacks the scope {needs}", challenge, **said_of(caller))
