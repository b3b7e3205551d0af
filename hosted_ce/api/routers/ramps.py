"""How far routes are with their ramps, and what operators do to them."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Query

from hosted_ce.api.callers.access import Operator, Viewer
from hosted_ce.api.callers.caller import Caller
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import Name, Reason
from hosted_ce.api.ports.ramps import UnknownRamp
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.ramps import RampOut, RampsOut, StepsOut, ramp_out, step_out
from hosted_ce.api.services import Services
from hosted_ce.ramp.acts import Act, CannotSteer

router = APIRouter(prefix="/api/v1/ramps", tags=["site"])
CHANGE = guarded_problems(kinds.NO_SUCH_RAMP, kinds.CANNOT_STEER, kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN)
RouteName = Annotated[Name, Path(description="The route's name.", examples=["default"])]
Why = Annotated[Reason | None, Query(description="Why; kept with the step.")]


@router.get("", responses=guarded_problems())
async def get_ramps(services: ServicesDep, _: Viewer) -> RampsOut:
    """Where the ramp of each route stands, and what it waits for."""
    return RampsOut(ramps=[ramp_out(view, services.now()) for view in services.ramps.views()])


@router.get("/{route}/steps", responses=guarded_problems(kinds.NO_SUCH_RAMP, kinds.INVALID_REQUEST))
async def get_ramp_steps(
    services: ServicesDep, _: Viewer, route: RouteName, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> StepsOut:
    """What was done to the ramp of a route, by whom and why, the newest first."""
    try:
        found = await services.ramps.steps(route, limit)
    except UnknownRamp as error:
        raise Problem(kinds.NO_SUCH_RAMP, str(error)) from error
    return StepsOut(route=route, steps=[step_out(step) for step in found])


@router.post("/{route}/pin", responses=CHANGE)
async def pin_ramp(
    *,
    services: ServicesDep,
    caller: Operator,
    route: RouteName,
    cap: Annotated[
        int | None, Query(ge=0, description="How many pilots are admitted; left out: as many as now.")
    ] = None,
    reason: Why = None,
) -> RampOut:
    """Admits so many pilots until it is unpinned, also after a restart. Pilots that are there stay."""
    return await _acted(services, caller, route, _Wish(Act.PIN, reason, cap))


@router.post("/{route}/unpin", responses=CHANGE)
async def unpin_ramp(
    services: ServicesDep, caller: Operator, route: RouteName, reason: Why = None
) -> RampOut:
    """Goes on from where it is pinned."""
    return await _acted(services, caller, route, _Wish(Act.UNPIN, reason))


@router.post("/{route}/pause", responses=CHANGE)
async def pause_ramp(
    services: ServicesDep, caller: Operator, route: RouteName, reason: Why = None
) -> RampOut:
    """It does not go up any more, also after a restart; it still goes back when pilots fail."""
    return await _acted(services, caller, route, _Wish(Act.PAUSE, reason))


@router.post("/{route}/resume", responses=CHANGE)
async def resume_ramp(
    services: ServicesDep, caller: Operator, route: RouteName, reason: Why = None
) -> RampOut:
    """Ends a pause."""
    return await _acted(services, caller, route, _Wish(Act.RESUME, reason))


@router.post("/{route}/skip", responses=CHANGE)
async def skip_ramp(services: ServicesDep, caller: Operator, route: RouteName, reason: Why = None) -> RampOut:
    """Admits the whole target from now on. It still goes back when pilots fail."""
    return await _acted(services, caller, route, _Wish(Act.SKIP, reason))


@router.post("/{route}/restart", responses=CHANGE)
async def restart_ramp(
    services: ServicesDep, caller: Operator, route: RouteName, reason: Why = None
) -> RampOut:
    """Begins anew at its start. Pilots that are there stay."""
    return await _acted(services, caller, route, _Wish(Act.RESTART, reason))


class _Wish(NamedTuple):
    what: Act
    reason: str | None
    cap: int | None = None


async def _acted(services: Services, caller: Caller, route: str, wish: _Wish) -> RampOut:
    """Raises Problem."""
    try:
        view = await services.ramps.act(
            route, wish.what, actor=caller.actor, reason=wish.reason, cap=wish.cap
        )
    except UnknownRamp as error:
        raise Problem(kinds.NO_SUCH_RAMP, str(error)) from error
    except CannotSteer as error:
        raise Problem(kinds.CANNOT_STEER, str(error)) from error
    return ramp_out(view, services.now())
