"""Where a pilot is, and why."""

from __future__ import annotations

from fastapi import APIRouter

from hosted_ce.api.callers.access import Reader
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import PilotId, pilot_or_problem
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.schemas.traces import TraceOut, trace_out
from hosted_ce.api.schemas.why import WhyOut, why_out
from hosted_ce.api.why import answer_for, known_of
from hosted_ce.why.judge import why
from hosted_ce.why.trace import trace_of

router = APIRouter(prefix="/api/v1/pilots", tags=["pilots"])


@router.get("/{pilot_id}/why", responses=guarded_problems(kinds.NO_SUCH_PILOT, kinds.INVALID_REQUEST))
async def why_pilot(services: ServicesDep, caller: Reader, pilot_id: PilotId) -> WhyOut:
    """The one answer: where the pilot is and why, since when, what comes next, and what to do about it.

    `turn` says whose move it is. Texts may be worded better in later versions; `situation` and `turn` stay.
    """
    pilot = await pilot_or_problem(services, pilot_id, caller)
    history = await services.queries.history(pilot_id)
    return why_out(pilot, await answer_for(services, pilot, history), history)


@router.get("/{pilot_id}/trace", responses=guarded_problems(kinds.NO_SUCH_PILOT, kinds.INVALID_REQUEST))
async def trace_pilot(services: ServicesDep, caller: Reader, pilot_id: PilotId) -> TraceOut:
    """The pilot's way from the door to a worker node and back, hop by hop, and what is waited for now.

    It is over when `ending` is no longer `under_way`; texts may be worded better in later versions.
    """
    pilot = await pilot_or_problem(services, pilot_id, caller)
    facts = await known_of(services, pilot, await services.queries.history(pilot_id))
    answer = why(facts)
    return trace_out(pilot, trace_of(facts, answer), answer)
