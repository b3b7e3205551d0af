"""Takes down what was asked of the API and decided, before the answer is sent.

What changes something, and what is refused, always; what is only read and was allowed, if it is wished.
Requests that come too often are counted and not taken down: they would fill the log. So would those of nobody
that is known: what they asked of no operation is left out, and of the rest there is room for so many.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hosted_ce.api.callers.caller import Caller
from hosted_ce.api.middleware.address import address_of
from hosted_ce.api.middleware.request_log import CLIENT_GONE
from hosted_ce.api.middleware.strangers import Strangers
from hosted_ce.api.problems.problem import Problem
from hosted_ce.audit.log import Auditor
from hosted_ce.audit.record import Outcome, Record
from hosted_ce.correlation import request_id
from hosted_ce.intake.rest import DOOR

READING = ("GET", "HEAD", "OPTIONS")
REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
NO_OPERATION = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
TARGETS = {"pilot_id": "pilot", "which": "session", "name": "entry", "run": "run"}
"""What parameters of paths are called in the log, where it is not their own name."""
LOCATION = "/api/v1/pilots/"


class Audit:
    """Of every request."""

    def __init__(self, app: ASGIApp, auditor: Auditor, *, reads: bool):
        self._app, self._auditor, self._reads = app, auditor, reads
        self._strangers = Strangers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        noted = False

        async def note_first(message: Message) -> None:
            nonlocal noted
            if message["type"] == "http.response.start":
                noted = True
                self._note(scope, message["status"], Headers(raw=message["headers"]))
            await send(message)

        try:
            await self._app(scope, receive, note_first)
        except ClientDisconnect:
            if not noted:
                self._note(scope, CLIENT_GONE, Headers())
            raise
        except BaseException:
            if not noted:
                self._note(scope, HTTPStatus.INTERNAL_SERVER_ERROR, Headers())
            raise

    def _note(self, scope: Scope, status: int, headers: Headers) -> None:
        caller = scope.get("state", {}).get("caller")
        if not (self._wanted(scope, status, caller) and self._room(scope, status, caller)):
            return
        problem = scope.get("state", {}).get("problem")
        who = caller.name if isinstance(caller, Caller) else None
        why = problem.detail if isinstance(problem, Problem) else None
        facts = {**_caller(caller), **_request(scope, status), **_targets(scope, headers)}
        if who is None:
            facts["left_out"] = self._strangers.left_out()
        self._auditor.note(Record(DOOR, who, _action(scope), outcome_of(status, caller), why, facts))

    def _wanted(self, scope: Scope, status: int, caller: object) -> bool:
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return False
        if scope["method"] not in READING or status in REFUSED:
            return True
        return isinstance(caller, Caller) and (self._reads or _foreign(status, caller))

    def _room(self, scope: Scope, status: int, caller: object) -> bool:
        if isinstance(caller, Caller):
            return True
        return status not in NO_OPERATION and self._strangers.take(address_of(scope))


def outcome_of(status: int, caller: object) -> Outcome:
    """What a status says of the decision. To a VO, what is not its own is not there: that is a refusal."""
    if status < HTTPStatus.BAD_REQUEST:
        return Outcome.ALLOWED
    if status in REFUSED or (isinstance(caller, Caller) and _foreign(status, caller)):
        return Outcome.REFUSED
    return Outcome.NOT_DONE if status < HTTPStatus.INTERNAL_SERVER_ERROR else Outcome.FAILED


def _foreign(status: int, caller: Caller) -> bool:
    return status == HTTPStatus.NOT_FOUND and caller.only_of is not None


def _caller(caller: object) -> Mapping[str, Any]:
    if not isinstance(caller, Caller):
        return {}
    if caller.scopes is None:
        return {"role": caller.role.value, "token_id": caller.token_id}
    issuer, _, subject = caller.name.rpartition(",")
    return {"issuer": issuer, "subject": subject, "jti": caller.jti, "account": caller.account}


def _request(scope: Scope, status: int) -> Mapping[str, Any]:
    return {
        "address": address_of(scope), "method": scope["method"], "status": int(status),
        "request_id": request_id(),
    }  # fmt: skip


def _targets(scope: Scope, headers: Headers) -> Mapping[str, Any]:
    found = {TARGETS.get(name, name): value for name, value in scope.get("path_params", {}).items()}
    made = headers.get("location", "")
    if "pilot" not in found and made.startswith(LOCATION):
        found["pilot"] = made.removeprefix(LOCATION)
    if many := scope.get("state", {}).get("pilots"):
        found["pilots"] = many
    pilot = found.get("pilot")
    if isinstance(pilot, str) and pilot.isascii() and pilot.isdigit():
        found["pilot"] = int(pilot)
    return found


def _action(scope: Scope) -> str:
    """The name of the operation, as the API's document has it; what is none is told as its path."""
    endpoint = scope.get("endpoint")
    return str(getattr(endpoint, "__name__", "") or f"{scope['method']} {scope['path'][:100]}")
