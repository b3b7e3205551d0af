"""What is asked all day by those who watch over the process: whether it is up and ready, its numbers.

It is answered without FastAPI (hosted_ce.api.front); the operations are described in routers.health.
"""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus

from prometheus_client.exposition import choose_encoder
from pydantic import BaseModel, Field
from starlette.responses import Response

from hosted_ce.api.services import Services


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


def health(services: Services) -> Response:
    """Of the process: it answers."""
    return _json(Health(ok=True, version=services.version))


async def readiness(services: Services) -> Response:
    """Of the CE: 200 when all that is essential is well, 503 otherwise."""
    checks = await services.readiness()
    ready = all(check.ok for check in checks if check.essential)
    found = Readiness(
        ok=ready,
        degraded=not all(check.ok for check in checks),
        checks=[CheckOut(**asdict(check)) for check in checks],
    )
    return _json(found, HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


def numbers(services: Services, accepted: str) -> Response:
    """The metrics, in the form that this Accept header asks for."""
    encode, content_type = choose_encoder(accepted)
    return Response(encode(services.registry), headers={"Content-Type": content_type})


def _json(body: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(body.model_dump_json(), status, media_type="application/json")
