"""What an operator settles by hand: doubts, and clusters that are to rest."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from hosted_ce.api.callers.access import Operator
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import ClusterName, PilotId, Reason, Word, pilot_or_problem
from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.pilots import PilotOut, pilot_out
from hosted_ce.api.schemas.site import ClusterOut, cluster_out
from hosted_ce.api.services import Services
from hosted_ce.pilots.by_hand import CannotSettle

router = APIRouter(prefix="/api/v1", tags=["by hand"])
PILOT = guarded_problems(kinds.NO_SUCH_PILOT, kinds.CANNOT_SETTLE, kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN)
CLUSTER = guarded_problems(kinds.NO_SUCH_CLUSTER, kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN)


Force = Annotated[
    bool, Query(description="Also when the site cannot be asked; what it shows is never overruled.")
]
Why = Annotated[Reason | None, Query(description="Why, for its history.")]


@router.post("/pilots/{pilot_id}/adopt", responses=PILOT)
async def adopt_pilot(
    *,
    services: ServicesDep,
    caller: Operator,
    pilot_id: PilotId,
    batch_id: Annotated[Word, Query(min_length=1, description="The batch job's id at the site.")],
    force: Force = False,
    reason: Why = None,
) -> PilotOut:
    """Settles a doubtful submission: the pilot has this batch job.

    The job must have the attempt's stamp as its name. With `force` it is believed when the site does not show
    the job at all.
    """
    await pilot_or_problem(services, pilot_id)
    try:
        pilot = await services.operations.adopt(
            pilot_id, batch_id, actor=caller.actor, reason=reason, force=force
        )
    except CannotSettle as error:
        raise Problem(kinds.CANNOT_SETTLE, str(error), pilot_id=pilot_id) from error
    return pilot_out(pilot, services.site)


@router.post("/pilots/{pilot_id}/abandon", responses=PILOT)
async def abandon_pilot(
    services: ServicesDep, caller: Operator, pilot_id: PilotId, force: Force = False, reason: Why = None
) -> PilotOut:
    """Settles a doubtful submission: there is no batch job, and a new attempt begins.

    Refused when the site shows a job of it, and, without `force`, while that cannot be seen.
    """
    await pilot_or_problem(services, pilot_id)
    try:
        pilot = await services.operations.abandon(pilot_id, actor=caller.actor, reason=reason, force=force)
    except CannotSettle as error:
        raise Problem(kinds.CANNOT_SETTLE, str(error), pilot_id=pilot_id) from error
    return pilot_out(pilot, services.site)


@router.post("/site/clusters/{cluster}/pause", responses=CLUSTER)
async def pause_cluster(
    services: ServicesDep,
    caller: Operator,
    cluster: ClusterName,
    reason: Annotated[Reason | None, Query(description="Why; shown as long as it is paused.")] = None,
) -> ClusterOut:
    """Submits nothing there until it is resumed, also after a restart. Pilots that are there go on."""
    try:
        await services.operations.pause(cluster, actor=caller.actor, reason=reason)
    except UnknownCluster as error:
        raise _unknown(error) from error
    return _shown(services, cluster)


@router.post("/site/clusters/{cluster}/resume", responses=CLUSTER)
async def resume_cluster(services: ServicesDep, _: Operator, cluster: ClusterName) -> ClusterOut:
    """Ends a pause; also tries at once what waits after a failure: a refused login, a refused route."""
    try:
        await services.operations.resume(cluster)
    except UnknownCluster as error:
        raise _unknown(error) from error
    return _shown(services, cluster)


@router.post("/site/clusters/{cluster}/accept-spool", responses=CLUSTER)
async def accept_spool(services: ServicesDep, caller: Operator, cluster: ClusterName) -> ClusterOut:
    """Takes the spool that is there now for ours. Doubts are then settled by queue and accounting alone."""
    try:
        await services.operations.accept_spool(cluster, actor=caller.actor)
    except UnknownCluster as error:
        raise _unknown(error) from error
    return _shown(services, cluster)


def _shown(services: Services, cluster: str) -> ClusterOut:
    return next(cluster_out(view) for view in services.site().clusters if view.name == cluster)


def _unknown(error: UnknownCluster) -> Problem:
    return Problem(kinds.NO_SUCH_CLUSTER, str(error))
