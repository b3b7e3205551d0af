"""What the schedd's ad says of the site: the attributes that factories and OSG's tools look for. Pure.

OSG's factories make their entries from these (GlideinWMS, OSG_autoconf): OSG_Resource and OSG_ResourceGroup
are Topology's names, OSG_ResourceCatalog has one ClassAd for each kind of pilot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hosted_ce.front_door.values import string
from hosted_ce.site import Formula, FrontDoor, Route, SiteFile
from hosted_ce.site.batch import BATCH_SYSTEMS


def attributes(site: SiteFile, door: FrontDoor, version: str) -> Mapping[str, str]:
    """Attributes for SCHEDD_ATTRS, and each one's ClassAd expression. Raises Unwritable."""
    systems = dict.fromkeys(BATCH_SYSTEMS[cluster.batch].osg_name for cluster in site.clusters.values())
    address = f"{door.host}:{door.port}"
    return {
        "OSG_Resource": string(site.resource),
        "OSG_ResourceGroup": string(site.resource_group),
        "OSG_BatchSystems": string(",".join(systems)),
        "OSG_ResourceCatalog": f"{{ {', '.join(_kinds_of_pilot(site))} }}",
        "HTCondorCEVersion": string(f"hosted-ce {version}"),
        "grid_resource": string(f"condor {door.host} {address}"),
        "CollectorHost": string(address),
    }


def _kinds_of_pilot(site: SiteFile) -> Iterator[str]:
    """Of the site file's own routes: HTCondor-CE's say too little of what they ask for."""
    return (_kind_of_pilot(route) for route in site.routes if route.htcondor is None)


def _kind_of_pilot(route: Route) -> str:
    return f"[ {' '.join(f'{name} = {value};' for name, value in _described(route))} ]"


def _described(route: Route) -> Iterator[tuple[str, str]]:
    request = route.request
    yield "Name", string(route.name)
    yield "IsPilotEntry", "true"
    # What an expression decides is different for each pilot.
    if not isinstance(request.cpus, Formula):
        yield "CPUs", str(request.cpus)
    if not isinstance(request.memory, Formula):
        yield "Memory", str(request.memory)
    if not isinstance(request.walltime, Formula):
        yield "MaxWallTime", str(max(1, request.walltime // 60))  # minutes
    if route.limits.pilots is not None:
        yield "MaxPilots", str(route.limits.pilots)
    if isinstance(request.queue, str):
        yield "Queue", string(request.queue)
    if request.gpus and not isinstance(request.gpus, Formula):
        yield "GPUs", str(request.gpus)
    if request.whole_node is True:
        yield "WholeNode", "true"
