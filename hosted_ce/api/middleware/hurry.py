"""Who asks by HTTP is told at once that the database is away, and does not wait for it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from hosted_ce.store.patience import in_a_hurry


class Hurry:
    """Handles every request in a hurry, as hosted_ce.store.patience has it."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] == "lifespan":  # what begins here lives longer than a request
            await self._app(scope, receive, send)
            return
        with in_a_hurry():
            await self._app(scope, receive, send)
