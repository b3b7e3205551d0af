"""The first to be asked: answers what watchers ask, and has the rest of the API loaded when others ask.

FastAPI, the endpoints with their models, and the pages are 14 MB: a CE that nobody looks at does without.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from hosted_ce.api import watched
from hosted_ce.api.callers.caller import STATE_FOLDER, Caller
from hosted_ce.api.callers.identity import good_caller
from hosted_ce.api.problems.problem import Problem, details
from hosted_ce.api.services import Services
from hosted_ce.api.stack import stack

Load = Callable[[], Awaitable[ASGIApp]]
"""Gives the whole API, or raises what to answer instead."""
Endpoint = Callable[[Request], Awaitable[Response]]
AGAIN_S = 10.0
"""What could not be loaded is not tried again sooner, however many ask."""


class Front:
    """An ASGI application. `load` is called once, or after it raised, some seconds later, again.

    Raises ValueError when there is no token: that would let everyone in.
    """

    def __init__(self, services: Services, load: Load, now: Callable[[], float] = time.monotonic):
        if not services.token:
            raise ValueError("the API needs a token; ensure_token() of hosted_ce.api.callers.token makes one")
        self._watchers, self._load, self._now = _Watchers(services), load, now
        self._one_by_one = _through(stack(services, details), _answer)
        self._app: ASGIApp | None = None
        self._failed: tuple[float, Exception] | None = None
        self._loading = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request, or the server's beginning and end."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif endpoint := self._watchers.endpoint(scope):
            await self._by(endpoint, scope, receive, send)
        else:
            await self._by_the_rest(scope, receive, send)

    async def _by_the_rest(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            app = self._app or await self._loaded()
        except Exception as error:
            await self._by(partial(_refuse, error), scope, receive, send)
        else:
            await app(scope, receive, send)

    async def _loaded(self) -> ASGIApp:
        async with self._loading:
            self._app = self._app or await self._tried()
            return self._app

    async def _tried(self) -> ASGIApp:
        if self._failed and self._now() - self._failed[0] < AGAIN_S:
            raise self._failed[1].with_traceback(None)  # without what others' tries have added to it
        try:
            return await self._load()
        except Exception as error:
            self._failed = self._now(), error
            raise

    async def _by(self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send) -> None:
        scope["endpoint"] = endpoint
        await self._one_by_one(scope, receive, send)


class _Watchers:
    """The endpoints of hosted_ce.api.watched, by the names of their operations: the audit log tells them."""

    def __init__(self, services: Services):
        self._services = services

    def endpoint(self, scope: Scope) -> Endpoint | None:
        """What answers it; None: it is no watcher's request, or its token is not one that needs no words."""
        if scope["method"] != "GET":
            return None
        match scope["path"]:
            case "/healthz":
                return self.healthz
            case "/readyz":
                return self.readyz
            case "/metrics" if self._services.metrics_are_public or self._known(scope):
                return self.metrics
        return None

    async def healthz(self, request: Request) -> Response:
        """Whether the process is up."""
        return watched.health(self._services)

    async def readyz(self, request: Request) -> Response:
        """Whether the CE can do its work."""
        return await watched.readiness(self._services)

    async def metrics(self, request: Request) -> Response:
        """Its numbers. Raises Problem when the token is shown too often."""
        caller = getattr(request.state, "caller", STATE_FOLDER)
        if caller is not STATE_FOLDER:
            self._services.rates.showed(caller.key)
        return watched.numbers(self._services, request.headers.get("accept", ""))

    def _known(self, scope: Scope) -> bool:
        if caller := self._caller(Headers(scope=scope).get("authorization", "")):
            scope.setdefault("state", {})["caller"] = caller
        return caller is not None

    def _caller(self, authorization: str) -> Caller | None:
        scheme, _, secret = authorization.partition(" ")
        return good_caller(self._services, secret) if scheme.lower() == "bearer" else None


def _through(layers: list[Middleware], app: ASGIApp) -> ASGIApp:
    for layer in reversed(layers):
        app = layer.cls(app, *layer.args, **layer.kwargs)
    return app


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    try:
        response = await scope["endpoint"](request)
    except Problem as problem:
        request.state.problem = problem  # for the audit log
        response = details(request, problem)
    await response(scope, receive, send)


async def _refuse(error: Exception, request: Request) -> Response:
    """A part of it has no name: the audit log tells the request's path in place of an operation."""
    raise error


async def _live(receive: Receive, send: Send) -> None:
    """There is nothing to begin or to end: the daemon does both."""
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
