"""Asks who comes too often to come later, before anything else is looked at."""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from hosted_ce.api.callers.rates import Rates
from hosted_ce.api.middleware.address import address_of
from hosted_ce.api.problems.problem import Answer, Problem

log = structlog.get_logger(__name__)


class SlowDown:
    """Counts every request by its address. Tells once that a proxy was not declared: all come from it."""

    def __init__(self, app: ASGIApp, rates: Rates, answer: Answer, *, proxies: bool):
        self._app, self._rates, self._answer, self._told = app, rates, answer, proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._look_for_proxy(scope)
        try:
            self._rates.came(address_of(scope))
        except Problem as problem:
            response = self._answer(Request(scope), problem)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _look_for_proxy(self, scope: Scope) -> None:
        if not self._told and any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            self._told = True
            log.warning(
                "a proxy sends X-Forwarded-For, and HOSTED_CE_TRUSTED_PROXIES does not name it: all who come "
                "through it count as one", address=address_of(scope),
            )  # fmt: skip
