"""Errors as pages, for people who came with a browser."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from hosted_ce.api.pages.templates import page
from hosted_ce.api.problems import Problem

API = "/api/"


def page_for(request: Request, problem: Problem) -> Response | None:
    """The problem as a page; None where problem details are what is wanted: in the API, and for programs."""
    # Not request.url: it is made of the Host header, which can be anything.
    wants_page = "text/html" in request.headers.get("accept", "")
    if not wants_page or request.scope["path"].startswith(API):
        return None
    response = page("problem.html", problem.kind.status, problem=problem)
    response.headers.update(problem.headers)
    return response
