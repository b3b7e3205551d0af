"""What the CE says when it says no: problem+json, told in lines."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import httpx

from hosted_ce.cli.endpoint import Endpoint
from hosted_ce.cli.errors import NoRunningCe, Refused
from hosted_ce.cli.process import shown


def refusal(response: httpx.Response, endpoint: Endpoint) -> Refused | NoRunningCe:
    """The error that an unsuccessful answer stands for."""
    status, problem = response.status_code, _problem(response)
    if status == HTTPStatus.UNAUTHORIZED:
        said = [f"  {problem['detail']}"] if problem and problem.get("detail") else []
        return Refused(status, _unauthorized(endpoint), *said)
    if problem is None and not response.is_server_error:
        return not_a_ce(endpoint)
    problem = problem or {}
    unexplained = f"the CE at {endpoint.url} answered {status} {response.reason_phrase}: see its log"
    message = str(problem.get("detail") or problem.get("title") or unexplained)
    return Refused(status, message, *(f"  {fault}" for fault in _faults(problem) if fault != message))


def later(response: httpx.Response) -> float:
    """In how many seconds one that came too often may come again; 0: it did not, or is not told."""
    told = response.headers.get("Retry-After", "")
    slowed = response.status_code == HTTPStatus.TOO_MANY_REQUESTS
    return float(told) if slowed and told.isascii() and told.isdigit() else 0.0


def _unauthorized(endpoint: Endpoint) -> str:
    return (
        f"the CE at {endpoint.url} does not accept the token in {shown(endpoint.token_file)}: "
        "name the right file with --token-file, or the CE's state folder with --state-dir"
    )


def not_a_ce(endpoint: Endpoint) -> NoRunningCe:
    """Something else has the port."""
    return NoRunningCe(
        f"what answers at {endpoint.url} is not a CE: name the CE's state folder with --state-dir, "
        "or its address with --url"
    )


def _problem(response: httpx.Response) -> dict[str, Any] | None:
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict):
        return problem
    # A HEAD has no body to judge by.
    return {} if response.is_error and response.request.method == "HEAD" else None


def _faults(problem: dict[str, Any]) -> list[str]:
    errors = problem.get("errors")
    found = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    return [": ".join(str(error[key]) for key in ("path", "message") if error.get(key)) for error in found]
