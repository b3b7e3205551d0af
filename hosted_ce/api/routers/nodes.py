"""How pilots end on the site's nodes, and which nodes get none."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from hosted_ce.api.callers.access import Operator, Viewer
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import ClusterName, Duration, Name, Reason
from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.nodes import AvoidanceOut, AvoidancesOut, NodesOut, avoidance_out, node_out
from hosted_ce.pilots.avoidance import CannotAvoid, NotAvoided
from hosted_ce.site import parse_duration

router = APIRouter(prefix="/api/v1", tags=["site"])
LIMIT = Query(ge=1, le=1000)
CHANGE = (kinds.NO_SUCH_CLUSTER, kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN)
NodeName = Annotated[Name, Path(description="The node's name in the batch system.", examples=["n007"])]


@router.get("/nodes", responses=guarded_problems(kinds.INVALID_REQUEST))
async def get_nodes(services: ServicesDep, _: Viewer, limit: Annotated[int, LIMIT] = 50) -> NodesOut:
    """How pilots ended on each node within the last six hours, and which nodes are avoided."""
    found = services.nodes.all()
    now = services.now()
    avoided = {(one.cluster, one.node): avoidance_out(one, now) for one in services.nodes.avoidances()}
    shown = [node_out(node, avoided.get((node.cluster, node.name))) for node in found[:limit]]
    return NodesOut(nodes=shown, left_out=max(0, len(found) - limit))


@router.get("/nodes/avoidances", responses=guarded_problems(kinds.INVALID_REQUEST))
async def get_avoidances(
    services: ServicesDep, _: Viewer, limit: Annotated[int, LIMIT] = 50
) -> AvoidancesOut:
    """Which nodes are and were avoided within the last 90 days, by whom and why, the newest first."""
    found, now = await services.nodes.latest(limit), services.now()
    return AvoidancesOut(avoidances=[avoidance_out(one, now) for one in found])


@router.post(
    "/site/clusters/{cluster}/nodes/{node}/avoid", responses=guarded_problems(kinds.CANNOT_AVOID, *CHANGE)
)
async def avoid_node(
    *,
    services: ServicesDep,
    caller: Operator,
    cluster: ClusterName,
    node: NodeName,
    duration: Annotated[Duration, Query(alias="for", description="For how long.")],
    reason: Annotated[Reason | None, Query(description="Why; shown as long as it is avoided.")] = None,
    force: Annotated[bool, Query(description="Also a node on which no pilot ended of late.")] = False,
) -> AvoidanceOut:
    """Sends no pilot to the node for a while, also after a restart. Pilots that are there go on.

    An avoidance that is in force is ended for the new one.
    """
    try:
        found = await services.nodes.avoid(
            cluster, node, seconds=parse_duration(duration), actor=caller.actor, reason=reason,
            force=force,
        )  # fmt: skip
    except UnknownCluster as error:
        raise Problem(kinds.NO_SUCH_CLUSTER, str(error)) from error
    except CannotAvoid as error:
        raise Problem(kinds.CANNOT_AVOID, str(error)) from error
    return avoidance_out(found, services.now())


@router.post(
    "/site/clusters/{cluster}/nodes/{node}/allow", responses=guarded_problems(kinds.NOT_AVOIDED, *CHANGE)
)
async def allow_node(
    services: ServicesDep, caller: Operator, cluster: ClusterName, node: NodeName
) -> AvoidanceOut:
    """Sends pilots to an avoided node again. What failed there before does not count again."""
    try:
        ended = await services.nodes.allow(cluster, node, actor=caller.actor)
    except UnknownCluster as error:
        raise Problem(kinds.NO_SUCH_CLUSTER, str(error)) from error
    except NotAvoided as error:
        raise Problem(kinds.NOT_AVOIDED, str(error)) from error
    return avoidance_out(ended, services.now())
