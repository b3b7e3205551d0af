"""What a cluster can do: the last probe of it, and a new one."""

from __future__ import annotations

from fastapi import APIRouter

from hosted_ce.api.callers.access import Operator, Viewer
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import ClusterName
from hosted_ce.api.ports.operations import CannotProbe, UnknownCluster
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.capabilities import CapabilitiesOut, capabilities_out
from hosted_ce.api.services import Services

router = APIRouter(prefix="/api/v1", tags=["site"])
GET = guarded_problems(kinds.NO_SUCH_CLUSTER, kinds.NOT_PROBED, kinds.INVALID_REQUEST)
POST = guarded_problems(kinds.NO_SUCH_CLUSTER, kinds.INVALID_REQUEST, kinds.CANNOT_PROBE, kinds.SHUTTING_DOWN)


@router.get("/site/clusters/{cluster}/capabilities", responses=GET)
async def get_capabilities(services: ServicesDep, _: Viewer, cluster: ClusterName) -> CapabilitiesOut:
    """What the last probe of the cluster found: its batch system, its login node, and what is wrong there."""
    known = [view.name for view in services.site().clusters]
    if cluster not in known:
        raise Problem(kinds.NO_SUCH_CLUSTER, str(UnknownCluster(cluster, known)))
    return _shown(services, cluster)


@router.post("/site/clusters/{cluster}/probe", responses=POST)
async def probe_cluster(services: ServicesDep, _: Operator, cluster: ClusterName) -> CapabilitiesOut:
    """Asks the site now, and answers when it has. A handful of commands at the login node; no job."""
    try:
        await services.operations.probe(cluster)
    except UnknownCluster as error:
        raise Problem(kinds.NO_SUCH_CLUSTER, str(error)) from error
    except CannotProbe as error:
        raise Problem(kinds.CANNOT_PROBE, f"cluster {cluster} cannot be probed: {error}") from error
    return _shown(services, cluster)


def _shown(services: Services, cluster: str) -> CapabilitiesOut:
    probed = services.probed(cluster)
    if probed is None:
        said = f"cluster {cluster} was not probed yet: there was no contact with it since the CE knows it"
        raise Problem(kinds.NOT_PROBED, said)
    return capabilities_out(cluster, probed)
