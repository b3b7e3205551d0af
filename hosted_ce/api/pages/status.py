"""The status pages: an overview, and one for each pilot."""

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
from hosted_ce.pilots.releasing import how_to_release
from hosted_ce.pilots.states import FINAL, Stage, State
from hosted_ce.store.filters import Filter

NEWEST = 50
router = APIRouter(include_in_schema=False, dependencies=[StatusAccess])


@router.get("/")
async def overview(
    services: ServicesDep,
    state: Annotated[State | None, Query()] = None,
    refresh: Annotated[bool, Query()] = True,
) -> HTMLResponse:
    """Counts by state, the site, its routes, and the newest pilots."""
    chosen = Filter([state] if state else [])
    return page(
        "overview.html",
        version=services.version, site=services.site(), counts=await services.queries.counts(),
        pilots=await services.queries.page(chosen, before=None, limit=NEWEST),
        state=state, refresh=refresh, now=services.now(),
    )  # fmt: skip


@router.get("/pilots/{pilot_id}")
async def pilot(
    services: ServicesDep, pilot_id: PilotId, refresh: Annotated[bool, Query()] = True
) -> HTMLResponse:
    """One pilot: facts and history. Arguments and environment are left to the API: they may hold secrets."""
    found, site = await pilot_or_problem(services, pilot_id), services.site()
    waits = found.stage is Stage.WAITING or found.state is State.HELD
    explained = waits or (found.attempt is not None and found.state not in FINAL)
    return page(
        "pilot.html",
        explanation=await services.explainer.of_pilot(found) if explained else None, waits=waits,
        version=services.version, site=site, pilot=found, reason=reason_of(found, site),
        todo=how_to_release(found) if found.state is State.HELD else None,
        amounts=amounts(found.attempt, services.now()) if found.attempt else [],
        history=await services.queries.history(pilot_id),
        refresh=refresh, over=found.state in FINAL, now=services.now(),
    )  # fmt: skip
