"""For those who watch over the process: is it up, is it ready, what are its numbers."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import choose_encoder
from pydantic import BaseModel, Field

from hosted_ce.api.access import MetricsAccess, OpenAccess
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.kinds import INTERNAL_ERROR
from hosted_ce.api.problem_docs import guarded_problems, problems

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process is up."""

    ok: bool
    version: str


class CheckOut(BaseModel):
    """One condition of being well."""

    name: str
    ok: bool
    detail: str
    essential: bool = Field(description="Whether the CE cannot do its work while this is not well.")


class Readiness(BaseModel):
    """Whether the CE can do its work, and what is in the way."""

    ok: bool = Field(description="Whether all that is essential is well.")
    degraded: bool = Field(description="Whether something is not well: somebody should look, soon.")
    checks: list[CheckOut]


@router.get("/healthz", dependencies=[OpenAccess], responses=problems(INTERNAL_ERROR))
async def healthz(services: ServicesDep) -> Health:
    """Tells that the process answers. Restart it when this fails."""
    return Health(ok=True, version=services.version)


@router.get(
    "/readyz",
    dependencies=[OpenAccess],
    responses={
        503: {"model": Readiness, "description": "Not ready: a check failed."},
        **problems(INTERNAL_ERROR),
    },
)
async def readyz(services: ServicesDep, response: Response) -> Readiness:
    """Tells whether the CE can do its work. Restarting does not help when this alone fails.

    What needs somebody, but keeps no pilot from its way, is `degraded` and no failure: a site file that is
    not in force for its errors, for one.
    """
    checks = await services.readiness()
    ready = all(check.ok for check in checks if check.essential)
    response.status_code = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Readiness(
        ok=ready,
        degraded=not all(check.ok for check in checks),
        checks=[CheckOut(**asdict(check)) for check in checks],
    )


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
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(services.registry), headers={"Content-Type": content_type})
