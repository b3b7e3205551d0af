"""Turns whatever an endpoint raises into a problem. The last net: routers translate what they know."""

from __future__ import annotations

import re
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hosted_ce.api.bodies.validation import field_errors
from hosted_ce.api.middleware.address import address_of
from hosted_ce.api.pages.problem import page_or_details
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.problem import BadToken, Problem, ProblemResponse, invalid
from hosted_ce.api.services import Services
from hosted_ce.store.errors import DatabaseAway, DatabaseClosed, WritesNoMore

RETRY_AFTER_S = 10
AWAY_RETRY_AFTER_S = 5
"""A restart of the database takes about as long."""
SHOWN = 200


def install(app: FastAPI) -> None:
    """Makes `app` answer every error with a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(DatabaseClosed, _on_closed)
    app.add_exception_handler(WritesNoMore, _on_closed)
    app.add_exception_handler(DatabaseAway, _on_away)


async def _on_problem(request: Request, error: Exception) -> Response:
    problem = _counted(request, cast(Problem, error))
    request.state.problem = problem  # for the audit log
    return page_or_details(request, problem)


def _counted(request: Request, problem: Problem) -> Problem:
    """Who shows bad tokens too often is told to come later instead."""
    if isinstance(problem, BadToken):
        try:
            cast(Services, request.app.state.services).rates.failed(address_of(request.scope))
        except Problem as slower:
            return slower
    return problem


async def _on_invalid(request: Request, error: Exception) -> Response:
    errors = field_errors(cast(RequestValidationError, error).errors())
    return await _on_problem(request, invalid(kinds.INVALID_REQUEST, errors))


async def _on_closed(request: Request, error: Exception) -> Response:
    detail = f"the CE is shutting down and takes no changes; try again in {RETRY_AFTER_S} s"
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return await _on_problem(request, Problem(kinds.SHUTTING_DOWN, detail, headers=headers))


async def _on_away(request: Request, error: Exception) -> Response:
    detail = f"{error}; try again in {AWAY_RETRY_AFTER_S} s"
    headers = {"Retry-After": str(AWAY_RETRY_AFTER_S)}
    return await _on_problem(request, Problem(kinds.DATABASE_AWAY, detail, headers=headers))


async def _on_http(request: Request, error: Exception) -> Response:
    """Errors of the framework itself: unknown paths, wrong methods, unreadable headers."""
    found = cast(HTTPException, error)
    path = request.scope["path"][:SHOWN]
    if found.status_code == kinds.NOT_FOUND.status:
        problem = Problem(kinds.NOT_FOUND, f"there is nothing at {path}; /docs lists the paths")
    elif found.status_code == kinds.METHOD_NOT_ALLOWED.status:
        problem = _method_not_allowed(request, path)
    elif found.status_code == kinds.UNAUTHORIZED.status:
        problem = Problem(kinds.UNAUTHORIZED, "the credentials cannot be read", headers=found.headers)
    else:
        # RFC 9457: `about:blank` says that there is no more to know than the status.
        body = {
            "type": "about:blank",
            "title": found.detail,
            "status": found.status_code,
            "detail": found.detail,
        }
        return ProblemResponse(body, status_code=found.status_code, headers=dict(found.headers or {}))
    return await _on_problem(request, problem)


def _method_not_allowed(request: Request, path: str) -> Problem:
    # The framework names the methods of the first route with this path only.
    methods = sorted(
        method
        for route in iter_route_contexts(request.app.routes)
        if re.match(route.path_regex, request.scope["path"])
        for method in route.methods or ()
    )
    allowed = ", ".join(methods)
    detail = f"{request.method} is not possible at {path}; possible: {allowed}"
    return Problem(kinds.METHOD_NOT_ALLOWED, detail, headers={"Allow": allowed})
