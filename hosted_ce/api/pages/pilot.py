"""The page of one pilot: why it is where it is, all its names, what happened to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hosted_ce.api.access import StatusAccess
from hosted_ce.api.frozen import reason_of
from hosted_ce.api.pages.templates import page
from hosted_ce.api.pages.words import amounts
from hosted_ce.api.parameters import PilotId, pilot_or_problem
from hosted_ce.api.services import ServicesDep
from hosted_ce.intake.rest import how_to_release
from hosted_ce.pilots.states import FINAL, Stage, State

router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@router.get("/pilots/{pilot_id}")
async def pilot(
    services: ServicesDep, pilot_id: PilotId, refresh: Annotated[bool, Query()] = True
) -> HTMLResponse:
    """One pilot. Arguments, environment and outputs are left to the API: they may hold secrets."""
    newest = await services.event_log.newest()
    found, site = await pilot_or_problem(services, pilot_id), services.site()
    waits, over = found.stage is Stage.WAITING or found.state is State.HELD, found.state in FINAL
    explained = waits or (found.attempt is not None and not over)
    return page(
        "pilot.html",
        explanation=await services.explainer.of_pilot(found) if explained else None, waits=waits,
        version=services.version, site=site, pilot=found, reason=reason_of(found, site),
        todo=how_to_release(found) if found.state is State.HELD else None,
        amounts=amounts(found.attempt, services.now()) if found.attempt else [],
        attempts=await services.queries.attempts(pilot_id), history=await services.queries.history(pilot_id),
        refresh=refresh and not over, over=over, now=services.now(), newest=newest,
    )  # fmt: skip
