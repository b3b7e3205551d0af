"""For those who watch over the process: is it up, is it ready, what are its numbers."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from hosted_ce.api import watched
from hosted_ce.api.callers.access import MetricsAccess, OpenAccess
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.problems.docs import guarded_problems, problems
from hosted_ce.api.problems.kinds import INTERNAL_ERROR
from hosted_ce.api.watched import Health, Readiness

router = APIRouter(tags=["health"])


@router.get("/healthz", dependencies=[OpenAccess], response_model=Health, responses=problems(INTERNAL_ERROR))
async def healthz(services: ServicesDep) -> Response:
    """Tells that the process answers. Restart it when this fails."""
    return watched.health(services)


@router.get(
    "/readyz",
    dependencies=[OpenAccess],
    response_model=Readiness,
    responses={
        503: {"model": Readiness, "description": "Not ready: a check failed."},
        **problems(INTERNAL_ERROR),
    },
)
async def readyz(services: ServicesDep) -> Response:
    """Tells whether the CE can do its work. Restarting does not help when this alone fails.

    What needs somebody, but keeps no pilot from its way, is `degraded` and no failure: a site file that is
    not in force for its errors, for one.
    """
    return await watched.readiness(services)


@router.get(
    "/metrics",
    dependencies=[MetricsAccess],
    response_class=Response,
    responses={
        200: {
            "description": "Prometheus text, or OpenMetrics if it is accepted.",
            "content": {"text/plain": {}},
        },
        **guarded_problems(),
    },
)
async def metrics(services: ServicesDep, request: Request) -> Response:
    """The CE's numbers, for Prometheus."""
    return watched.numbers(services, request.headers.get("accept", ""))
