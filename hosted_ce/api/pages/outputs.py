"""What a pilot wrote, to be looked at and downloaded. It may hold secrets: it is never public."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from hosted_ce.api.callers.access import ViewerInBrowser
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.no_output import why_no_output
from hosted_ce.api.pages.excerpt import Excerpt, excerpt
from hosted_ce.api.pages.templates import page
from hosted_ce.api.parameters import PilotId, pilot_or_problem
from hosted_ce.api.problems.kinds import OUTPUT_NOT_HERE
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.services import Services
from hosted_ce.pilots.pilot import Pilot

router = APIRouter(prefix="/outputs", include_in_schema=False, dependencies=[ViewerInBrowser])


class Output(StrEnum):
    """Which of the two."""

    STDOUT = "stdout"
    STDERR = "stderr"


@router.get("/{pilot_id}")
async def outputs(services: ServicesDep, pilot_id: PilotId) -> HTMLResponse:
    """The beginning and the end of both."""
    pilot = await pilot_or_problem(services, pilot_id)
    return page(
        "outputs.html", version=services.version, site=services.site(), pilot=pilot,
        outputs=await _excerpts(services, pilot),
        why_not={name: why_no_output(pilot, name.value) for name in Output},
    )  # fmt: skip


@router.get("/{pilot_id}/{name}")
async def download(services: ServicesDep, pilot_id: PilotId, name: Output) -> Response:
    """One of them as it was fetched, as a file: browsers show nothing of it. Raises Problem."""
    pilot = await pilot_or_problem(services, pilot_id)
    data = await _data(services, pilot, name)
    if data is None:
        raise Problem(OUTPUT_NOT_HERE, why_no_output(pilot, name.value), pilot_id=pilot_id)
    headers = {"Content-Disposition": f'attachment; filename="pilot-{pilot_id}.{name}"'}
    return Response(data, headers=headers, media_type="application/octet-stream")


async def _excerpts(services: Services, pilot: Pilot) -> Mapping[Output, Excerpt | None]:
    found = {name: await _data(services, pilot, name) for name in Output}
    return {name: None if data is None else excerpt(data) for name, data in found.items()}


async def _data(services: Services, pilot: Pilot, name: Output) -> bytes | None:
    if pilot.attempt is None:
        return None
    return await services.outputs.get(pilot.id, pilot.attempt.number, name.value)
