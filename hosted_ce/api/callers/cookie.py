"""The cookie by which a browser is known: it holds the token, which is looked up at each request."""

from __future__ import annotations

import hashlib

from fastapi import Request
from starlette.responses import Response

from hosted_ce.api.callers.caller import Caller
from hosted_ce.api.services import Services

LONGEST_S = 24 * 3600
"""How long it lives when its token does not expire."""


def name_of(services: Services) -> str:
    """What it is called at this CE.

    Browsers keep one set of cookies for all ports of a host: without a name of its own, a tunnel to one CE
    would sign a person out of the other. `__Host-` has browsers refuse it from other hosts of the domain.
    """
    which = hashlib.sha256(services.site().resource.encode()).hexdigest()[:8]
    return f"{'__Host-' if _secure(services) else ''}hosted-ce-{which}"


def given(request: Request, services: Services) -> str | None:
    """The token in the request's cookie."""
    return request.cookies.get(name_of(services))


def put(response: Response, services: Services, secret: str, caller: Caller) -> None:
    """Has the browser keep the token, and no longer than it holds."""
    left = None if caller.expires_at is None else max(0, int(caller.expires_at - services.now()))
    response.set_cookie(
        name_of(services), secret, max_age=LONGEST_S if left is None else left, path="/",
        secure=_secure(services), httponly=True, samesite="strict",
    )  # fmt: skip


def drop(response: Response, services: Services) -> None:
    """Has the browser forget it."""
    response.delete_cookie(
        name_of(services), path="/", secure=_secure(services), httponly=True, samesite="strict"
    )


def _secure(services: Services) -> bool:
    return services.public_url.startswith("https:")
