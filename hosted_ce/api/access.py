"""Who may do what. Every endpoint has one of these policies, or says that it is open."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBasic, HTTPBasicCredentials, HTTPBearer

from hosted_ce.api.kinds import UNAUTHORIZED
from hosted_ce.api.problems import Problem
from hosted_ce.api.services import ServicesDep

REALM = "hosted_ce"
OPERATOR = "operator"

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="The token in the file `token` of the CE's state folder.",
)
_basic = HTTPBasic(
    auto_error=False,
    scheme_name="browser",
    description="For browsers on the status pages: any user name, and the token as password.",
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
Basic = Annotated[HTTPBasicCredentials | None, Security(_basic)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. There is one token, hence one caller."""

    owner: str


async def require_token(services: ServicesDep, bearer: Bearer) -> Caller:
    """Policy of the API: the bearer token. Raises Problem."""
    if bearer is None:
        raise _unauthorized("the request has no bearer token", f'Bearer realm="{REALM}"')
    if not _same(bearer.credentials, services.token):
        raise _unauthorized("the token is not this CE's", f'Bearer realm="{REALM}", error="invalid_token"')
    return Caller(OPERATOR)


async def require_status_access(services: ServicesDep, bearer: Bearer, basic: Basic) -> None:
    """Policy of what can be read in a browser: open, if the CE is set up so, or the token in either form.

    A browser sends a password by itself, also when another site makes it ask. Hence only pages that change
    nothing take it. Raises Problem.
    """
    if services.public_status:
        return
    await require_token_in_browser(services, bearer, basic)


async def require_token_in_browser(services: ServicesDep, bearer: Bearer, basic: Basic) -> None:
    """Policy of what can be read in a browser, and never without the token. Raises Problem."""
    given = bearer.credentials if bearer else basic.password if basic else ""
    if not _same(given, services.token):
        raise _unauthorized(
            "this page needs the CE's token: as bearer token, or as password with any user name",
            f'Basic realm="{REALM}", charset="UTF-8"',
        )


async def open_access() -> None:
    """Policy of what everyone may use: says so, instead of leaving it out."""


Access = Annotated[Caller, Depends(require_token)]
"""Annotate an endpoint's parameter with it: only with the token, and this is who has it."""

StatusAccess = Depends(require_status_access)
"""Put it among an endpoint's `dependencies`: with the token, unless status is public."""

TokenInBrowser = Depends(require_token_in_browser)
"""Put it among an endpoint's `dependencies`: with the token, in either form."""

OpenAccess = Depends(open_access)
"""Put it among an endpoint's `dependencies`: everyone may use it."""

POLICIES = (require_token, require_status_access, require_token_in_browser, open_access)
"""Every endpoint has one of these among its dependencies; a test walks them all."""


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _unauthorized(detail: str, challenge: str) -> Problem:
    return Problem(UNAUTHORIZED, detail, headers={"WWW-Authenticate": challenge})
