"""Who may do what. Every endpoint has one of these policies with the least role that it needs, or is open."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request, Security
from fastapi.security import (
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    SecurityScopes,
)

from hosted_ce.access.roles import Role
from hosted_ce.api.callers import cookie
from hosted_ce.api.callers.caller import STATE_FOLDER, Caller
from hosted_ce.api.callers.identity import caller_of, check_role, refused, token_missing
from hosted_ce.api.callers.membership import DOTS, check_scopes, member_of
from hosted_ce.api.callers.same_origin import from_our_page
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.problems.kinds import CROSS_SITE
from hosted_ce.api.services import Services
from hosted_ce.scitokens.scopes import Scope

REALM = "hosted_ce"

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of `hosted-ce token create`, or the one in the file `token` of the CE's state "
    "folder, whose role is `admin`. Each operation names the least role that it needs: `viewer`, `operator` "
    "or `admin`. Where it names a scope as well, a token with it of an issuer in the site file will do, for "
    "the pilots of its own subject.",
)
_basic = HTTPBasic(
    auto_error=False,
    scheme_name="browser",
    description="For programs that know no bearer tokens: any user name, and the token as password.",
)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
Basic = Annotated[HTTPBasicCredentials | None, Security(_basic)]


async def require_bearer(
    request: Request, services: ServicesDep, least: SecurityScopes, bearer: Bearer
) -> Caller:
    """Policy of the API: a bearer token, and no cookie. Raises Problem."""
    challenge = f'Bearer realm="{REALM}"'
    if bearer is None:
        raise token_missing("the request has no bearer token", {"WWW-Authenticate": challenge})
    headers = {"WWW-Authenticate": f'{challenge}, error="invalid_token"'}
    if bearer.credentials.count(".") == DOTS:
        return _let_in(request, await member_of(services, bearer.credentials, headers), least)
    return _let_in(request, caller_of(services, bearer.credentials, headers), least)


async def require_in_browser(
    request: Request, services: ServicesDep, least: SecurityScopes, bearer: Bearer, basic: Basic
) -> Caller:
    """Policy of what can be read in a browser: a token in any form. Raises Problem.

    A browser sends cookies and passwords by itself, also when another site makes it ask. Hence only what
    changes nothing has this policy.
    """
    return _let_in(request, _in_browser(request, services, bearer, basic), least)


async def require_status_access(
    request: Request, services: ServicesDep, least: SecurityScopes, bearer: Bearer, basic: Basic
) -> None:
    """Policy of status: open, if the CE is set up so, or as `require_in_browser`. Raises Problem."""
    if not services.public_status:
        await require_in_browser(request, services, least, bearer, basic)


async def require_metrics_access(
    request: Request, services: ServicesDep, least: SecurityScopes, bearer: Bearer, basic: Basic
) -> None:
    """The same for metrics, which have a setting of their own. Raises Problem."""
    if not services.metrics_are_public:
        await require_in_browser(request, services, least, bearer, basic)


async def require_form(
    request: Request, services: ServicesDep, least: SecurityScopes, bearer: Bearer, basic: Basic
) -> Caller:
    """Policy of what a form changes: a token in any form, sent by a page of ours. Raises Problem."""
    if bearer is None:
        check_own_page(request, services)
    return _let_in(request, _in_browser(request, services, bearer, basic), least)


async def open_access() -> None:
    """Policy of what everyone may use: says so, instead of leaving it out."""


def check_own_page(request: Request, services: Services) -> None:
    """Raises Problem unless the browser says that a page of this CE sent the request."""
    if not from_our_page(request.headers, services.public_url):
        detail = "this is taken from this CE's own pages alone: open the page here, and send it from there"
        raise refused(CROSS_SITE, detail)


Viewer = Annotated[Caller, Security(require_bearer, scopes=[Role.VIEWER])]
"""Annotate an endpoint's parameter with it: who asks, who is a viewer at least."""

Operator = Annotated[Caller, Security(require_bearer, scopes=[Role.OPERATOR])]
"""The same for operators and admins."""

Admin = Annotated[Caller, Security(require_bearer, scopes=[Role.ADMIN])]
"""The same for admins."""

Reader = Annotated[Caller, Security(require_bearer, scopes=[Role.VIEWER, Scope.READ])]
"""The same for viewers, and for tokens of issuers with compute.read: they see their own pilots alone."""

Submitter = Annotated[Caller, Security(require_bearer, scopes=[Role.OPERATOR, Scope.CREATE])]
"""The same for operators, and for tokens of issuers with compute.create."""

Modifier = Annotated[Caller, Security(require_bearer, scopes=[Role.OPERATOR, Scope.MODIFY])]
"""The same with compute.modify, on their own pilots."""

Canceller = Annotated[Caller, Security(require_bearer, scopes=[Role.OPERATOR, Scope.CANCEL])]
"""The same with compute.cancel, on their own pilots."""

ViewerPage = Annotated[Caller, Security(require_in_browser, scopes=[Role.VIEWER])]
"""The same for a page, which changes nothing; and which is never public."""

OperatorForm = Annotated[Caller, Security(require_form, scopes=[Role.OPERATOR])]
"""The same for what an operator changes by a form of our pages (hosted_ce.api.bodies.forms reads it)."""

StatusAccess = Security(require_status_access, scopes=[Role.VIEWER])
"""Put it among an endpoint's `dependencies`: for viewers, unless status is public."""

MetricsAccess = Security(require_metrics_access, scopes=[Role.VIEWER])
"""The same for metrics."""

ViewerInBrowser = Security(require_in_browser, scopes=[Role.VIEWER])
"""Put it among an endpoint's `dependencies`: for viewers, in a browser, never public."""

OpenAccess = Depends(open_access)
"""Put it among an endpoint's `dependencies`: everyone may use it."""

POLICIES = (
    require_bearer, require_status_access, require_metrics_access, require_in_browser, require_form,
    open_access,
)  # fmt: skip
"""Every endpoint has one of these among its dependencies; a test walks them all."""


def _in_browser(
    request: Request, services: Services, bearer: HTTPAuthorizationCredentials | None,
    basic: HTTPBasicCredentials | None,
) -> Caller:  # fmt: skip
    challenge = _challenge(request)
    kept = cookie.given(request, services)
    if bearer:
        return caller_of(services, bearer.credentials, challenge)
    if kept:
        return caller_of(services, kept, challenge)
    if basic:
        return caller_of(services, basic.password, challenge)
    raise token_missing("this page needs a token", challenge)


def _challenge(request: Request) -> dict[str, str]:
    """People get the page with the form, and not their browser's box for a password that knows no way out."""
    person = "text/html" in request.headers.get("accept", "")
    scheme = f'Bearer realm="{REALM}"' if person else f'Basic realm="{REALM}", charset="UTF-8"'
    return {"WWW-Authenticate": scheme}


def _let_in(request: Request, caller: Caller, least: SecurityScopes) -> Caller:
    request.state.caller = caller  # for the logs
    if caller is not STATE_FOLDER:
        cast(Services, request.app.state.services).rates.showed(caller.key)
    if caller.scopes is not None:
        check_scopes(caller, [Scope(scope) for scope in least.scopes if scope in set(Scope)])
        return caller
    for scope in least.scopes:
        if scope in set(Role):
            check_role(caller, Role(scope))
    return caller
