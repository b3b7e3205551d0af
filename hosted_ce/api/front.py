"""The first to be asked: answers what watchers ask, and has the rest of the API loaded when others ask.

FastAPI, the endpoints with their models, and the pages are 14 MB: a CE that nobody looks at does without.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

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


class Front:
    """An ASGI application. `load` is called once, or again after it raised."""

    def __init__(self, services: Services, load: Load):
        self._watchers, self._load = _Watchers(services), load
        self._one_by_one = _through(stack(services, details), _answer)
        self._app: ASGIApp | None = None
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
            await self._by(_raising(error), scope, receive, send)
        else:
            await app(scope, receive, send)

    async def _loaded(self) -> ASGIApp:
        async with self._loading:
            self._app = self._app or await self._load()
            return self._app

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


def _raising(error: Exception) -> Endpoint:
    async def rest(request: Request) -> Response:
        raise error

    return rest


async def _live(receive: Receive, send: Send) -> None:
    """There is nothing to begin or to end: the daemon does both."""
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
