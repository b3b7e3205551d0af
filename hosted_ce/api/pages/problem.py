"""Errors as pages, for people who came with a browser."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from hosted_ce.api.local_path import local_path
from hosted_ce.api.pages.templates import page
from hosted_ce.api.problems.kinds import FORBIDDEN, UNAUTHORIZED
from hosted_ce.api.problems.problem import Problem, response_to

API = "/api/"


def page_for(request: Request, problem: Problem) -> Response | None:
    """The problem as a page; None where problem details are what is wanted: in the API, and for programs."""
    # Not request.url: it is made of the Host header, which can be anything.
    wants_page = "text/html" in request.headers.get("accept", "")
    if not wants_page or request.scope["path"].startswith(API):
        return None
    to = _here(request) if problem.kind in (UNAUTHORIZED, FORBIDDEN) else None
    response = page("problem.html", problem.kind.status, problem=problem, to=to)
    response.headers.update(problem.headers)
    return response


def page_or_details(request: Request, problem: Problem) -> Response:
    """The response that carries the problem, in the form that is wanted."""
    return page_for(request, problem) or response_to(problem)


def _here(request: Request) -> str:
    """Where the person wanted to go, to go on there; the overview where that was no page."""
    query = request.scope["query_string"].decode("ascii", "replace")
    wanted = quote(request.scope["path"], safe="/") + (f"?{query}" if query else "")
    try:
        return local_path(wanted) if request.method == "GET" else "/"
    except ValueError:  # an address that we would not send anybody to
        return "/"
