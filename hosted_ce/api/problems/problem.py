"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hosted_ce.access.roles import Role
from hosted_ce.api.problems.kind import Kind
from hosted_ce.pilots.states import State
from hosted_ce.redaction import Redactor

_REDACTOR = Redactor()
MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One thing that is wrong with a request."""

    path: str = Field(
        description="Where: a path in the body such as `inputs[0].name` (empty: the body as a whole), or "
        "`query.`, `path.` or `header.` and a parameter's name.",
        examples=["inputs[0].name"],
    )
    message: str = Field(description="What is wrong, in words.", examples=["is missing"])


class ProblemBody(BaseModel):
    """What is answered when something went wrong (RFC 9457, application/problem+json)."""

    type: str = Field(description="Names the kind of problem, and is the path of its explanation.")
    title: str = Field(description="The kind of problem in words; the same for all of its kind.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened this time, and what to do.")
    errors: list[FieldError] | None = Field(
        default=None,
        description="With 422: everything that is wrong with the request; or with the site file.",
    )
    pilot_id: int | None = Field(default=None, description="The pilot that it is about, if any.")
    state: State | None = Field(default=None, description="With a missing output: the pilot's state.")
    needs: Role | None = Field(default=None, description="With 403: the least role that may do it.")
    role: Role | None = Field(default=None, description="With 403: the role of the token.")
    request_id: str | None = Field(
        default=None, description="With 500: under which id the CE's log explains it (also in X-Request-Id)."
    )


class Problem(Exception):
    """Raise it to answer with a problem of this kind. `data` are further members of the answer."""

    def __init__(self, kind: Kind, detail: str, *, headers: Mapping[str, str] | None = None, **data: Any):
        super().__init__(detail)
        self.kind, self.detail, self.data = kind, detail, data
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The answer's members. What is repeated of the request is shown without secrets."""
        kind = self.kind
        said = _REDACTOR.value({"detail": self.detail, **self.data})
        return {"type": kind.type, "title": kind.title, "status": kind.status.value, **said}


class BadToken(Problem):
    """A token was shown and opens nothing: such are counted (hosted_ce.api.callers.rates)."""


class ProblemResponse(JSONResponse):
    """A response with problem details."""

    media_type = MEDIA_TYPE


def response_to(problem: Problem) -> ProblemResponse:
    """The response that carries this problem."""
    return ProblemResponse(problem.body(), status_code=problem.kind.status, headers=problem.headers)


Answer = Callable[[Request, Problem], Response]
"""How a problem is answered: by `details`, or as hosted_ce.api.pages.problem has it for people."""


def details(request: Request, problem: Problem) -> Response:
    """The response with problem details, whoever asks."""
    return response_to(problem)


def invalid(kind: Kind, errors: Sequence[FieldError], detail: str | None = None) -> Problem:
    """The problem of a request with these errors; the first is also its detail, unless another is given."""
    first = errors[0]
    said = f"{first.path}: {first.message}" if first.path else first.message
    return Problem(kind, detail or said, errors=[error.model_dump() for error in errors])
