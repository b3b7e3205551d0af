"""Signs a browser in and out. The token comes in a form's body: no log, Referer or history has it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hosted_ce.api.bodies.forms import read_form
from hosted_ce.api.callers import cookie
from hosted_ce.api.callers.access import OpenAccess, check_own_page
from hosted_ce.api.callers.caller import Caller
from hosted_ce.api.callers.identity import caller_of, secret_to_keep
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.local_path import LONGEST, local_path
from hosted_ce.api.pages.templates import page
from hosted_ce.api.problems.kinds import INVALID_REQUEST
from hosted_ce.api.problems.problem import FieldError, Problem, invalid
from hosted_ce.api.services import Services

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="hosted_ce"'}
router = APIRouter(include_in_schema=False, dependencies=[OpenAccess])


@router.get("/enter")
async def enter(
    request: Request, services: ServicesDep, to: Annotated[str, Query(max_length=LONGEST)] = "/"
) -> HTMLResponse:
    """The form, and who this browser is. A link's token is behind the `#`, which no browser sends."""
    caller, problem = _known(request, services)
    return page(
        "enter.html", version=services.version, caller=caller, problem=problem, to=_local(to, "query.to")
    )


@router.post("/enter")
async def entered(request: Request, services: ServicesDep) -> Response:
    """Takes the form: the browser is known by a cookie from now on, and sent on to where it wanted to go.

    From our own pages alone: nobody is signed in as somebody else by another site.
    """
    check_own_page(request, services)
    fields = await read_form(request)
    shown, to = _token_in(fields.get("token", "")), _local(fields.get("to") or "/", "to")
    secret = await secret_to_keep(services, shown, CHALLENGE)
    caller = caller_of(services, secret, CHALLENGE)
    request.state.caller = caller
    response = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    cookie.put(response, services, secret, caller)
    return response


@router.post("/leave")
async def leave(request: Request, services: ServicesDep) -> Response:
    """Has the browser forget its token."""
    check_own_page(request, services)
    response = RedirectResponse("/enter", HTTPStatus.SEE_OTHER)
    cookie.drop(response, services)
    return response


def _known(request: Request, services: Services) -> tuple[Caller | None, str | None]:
    """Who the browser is by its cookie, or what is wrong with that."""
    kept = cookie.given(request, services)
    try:
        return (caller_of(services, kept, {}) if kept else None), None
    except Problem as problem:
        return None, problem.detail


def _token_in(text: str) -> str:
    """The token in what was put into the form: alone, or at the end of a link."""
    return text.strip().rpartition("#")[2]


def _local(text: str, field: str) -> str:
    try:
        return local_path(text)
    except ValueError as error:
        raise invalid(INVALID_REQUEST, [FieldError(path=field, message=str(error))]) from error
