"""One log line for each request, and the last word on failures."""

from __future__ import annotations

import secrets
import time
import traceback
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hosted_ce.api.callers.caller import Caller, said_of
from hosted_ce.api.middleware.address import address_of
from hosted_ce.api.problems.kinds import DISK_FULL, INTERNAL_ERROR
from hosted_ce.api.problems.problem import Answer, Problem
from hosted_ce.correlation import bound
from hosted_ce.store.full import why_full

log = structlog.get_logger(__name__)
CLIENT_GONE = 499
READING = ("GET", "HEAD")
MAX_PATH = 300
ID_BYTES = 8


class RequestLog:
    """Gives every request an id, logs it, and answers 500 to what nobody caught.

    Queries, headers and bodies are not logged: they may have secrets in them.
    """

    def __init__(self, app: ASGIApp, answer: Answer, clock: Callable[[], float] = time.perf_counter):
        self._app, self._respond, self._clock = app, answer, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._clock()
        answer = _Answer(send, secrets.token_hex(ID_BYTES))
        try:
            with bound(request_id=answer.request_id):
                await self._answer(scope, receive, answer)
        finally:
            # What changes nothing and went well is asked for all day, by probes and pages.
            quiet = (
                scope["method"] in READING
                and answer.status is not None
                and answer.status < HTTPStatus.BAD_REQUEST
            ) or answer.status == HTTPStatus.TOO_MANY_REQUESTS  # counted, and no way to fill the log
            (log.debug if quiet else log.info)(
                "request", method=scope["method"], path=_loggable(scope["path"]), status=answer.status,
                ms=round(1000 * (self._clock() - began), 1), request_id=answer.request_id,
                address=address_of(scope), **_who(scope),
            )  # fmt: skip

    async def _answer(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            answer.status = CLIENT_GONE
        except Exception as error:
            problem = _problem(error, answer.request_id)
            if answer.status is not None:
                raise  # too late for an answer: the server cuts the connection
            response = self._respond(Request(scope), problem)
            await response(scope, receive, answer.send)


class _Answer:
    """The response on its way out."""

    def __init__(self, send: Send, request_id: str):
        self._send, self.request_id = send, request_id
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            MutableHeaders(scope=message)["X-Request-Id"] = self.request_id
        await self._send(message)


def _problem(error: Exception, request_id: str) -> Problem:
    """What is answered; the log has the rest."""
    if (full := why_full(error)) is not None:
        log.error("the disk is full", request_id=request_id, problem=full)
        detail = f"the CE's disk is full ({full}): make room at its state folder, then try again"
        return Problem(DISK_FULL, detail, request_id=request_id)
    # As text: renderers of exceptions may show local variables, and with them the token.
    trace = "".join(traceback.format_exception(error))
    log.error("request failed", request_id=request_id, exception=trace)
    detail = f"the CE failed to answer; its log explains it under request id {request_id}"
    return Problem(INTERNAL_ERROR, detail, request_id=request_id)


def _who(scope: Scope) -> dict[str, object]:
    """The caller, once a policy knows it: hosted_ce.api.callers.access leaves it with the request."""
    caller = scope.get("state", {}).get("caller")
    return said_of(caller) if isinstance(caller, Caller) else {}


def _loggable(path: str) -> str:
    # Percent-encoded again, so that no path can break the line or steer a terminal.
    return quote(path[:MAX_PATH], safe="/:@!$&'()*+,;=~", errors="backslashreplace")
