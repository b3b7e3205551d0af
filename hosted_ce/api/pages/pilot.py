"""The page of one pilot: why it is where it is, all its names, what happened to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from hosted_ce.api.callers.access import StatusAccess
from hosted_ce.api.callers.discretion import masked
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.pages.templates import page
from hosted_ce.api.pages.words import amounts
from hosted_ce.api.parameters import PilotId, pilot_or_problem
from hosted_ce.api.why import facts_of
from hosted_ce.pilots.states import FINAL, Stage, State
from hosted_ce.why.judge import why

router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@router.get("/pilots/{pilot_id}")
async def pilot(
    services: ServicesDep, pilot_id: PilotId, refresh: Annotated[bool, Query()] = True
) -> HTMLResponse:
    """One pilot. Arguments, environment and outputs are left to the API: they may hold secrets."""
    newest, now = await services.event_log.newest(), services.now()
    found, site = await pilot_or_problem(services, pilot_id), services.site()
    history, attempts = await services.queries.history(pilot_id), await services.queries.attempts(pilot_id)
    waits, over = found.stage is Stage.WAITING or found.state is State.HELD, found.state in FINAL
    explained = waits or (found.attempt is not None and not over)
    explanation = await services.explainer.of_pilot(found) if explained else None
    outlook = explanation if found.stage is Stage.WAITING else None
    return page(
        "pilot.html",
        version=services.version, site=site, pilot=found, now=now, newest=newest, over=over, waits=waits,
        answer=why(facts_of(found, history, site, outlook, now)), explanation=explanation,
        amounts=amounts(found.attempt, now) if found.attempt else [],
        attempts=attempts, history=history, attributes=masked(found.attributes), refresh=refresh and not over,
    )  # fmt: skip
