"""Checks of the site: begin a run, follow it, and see those of before."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import AfterValidator

from hosted_ce.api.callers.access import Operator, Viewer
from hosted_ce.api.cursor import MAX_ID
from hosted_ce.api.given import ServicesDep
from hosted_ce.api.parameters import Name
from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.docs import guarded_problems
from hosted_ce.api.problems.problem import Problem
from hosted_ce.api.schemas.checks import CheckRunOut, CheckRunsOut, run_out, runs_out
from hosted_ce.api.services import Services
from hosted_ce.checks.run import Asked, Run
from hosted_ce.pilots.avoidance import NODE

MOST_NODES = 50
router = APIRouter(prefix="/api/v1", tags=["site"])


def _node(text: str) -> str:
    if not NODE.match(text):
        raise ValueError("is not the name of a node")
    return text


NodeName = Annotated[Name, AfterValidator(_node)]
Cluster = Annotated[Name | None, Query(description="The cluster; may be left out if there is one.")]
RunId = Annotated[int, Path(ge=1, le=MAX_ID, description="The run's id.", examples=[7])]


@router.post(
    "/site/checks",
    status_code=HTTPStatus.ACCEPTED,
    responses={
        200: {"model": CheckRunOut, "description": "The run that goes on there already."},
        202: {"description": "The new run.", "headers": {"Location": {"schema": {"type": "string"}}}},
        **guarded_problems(kinds.NO_SUCH_CLUSTER, kinds.INVALID_REQUEST, kinds.SHUTTING_DOWN),
    },
)
async def begin_checks(
    *,
    response: Response,
    services: ServicesDep,
    caller: Operator,
    cluster: Cluster = None,
    login_only: Annotated[bool, Query(description="Submit no jobs: no worker nodes.")] = False,
    node: Annotated[
        list[NodeName], Query(max_length=MOST_NODES, description="Worker nodes to look at; repeat it.")
    ] = [],  # noqa: B006 - FastAPI copies it
    sample: Annotated[
        int, Query(ge=0, le=20, description="So many nodes for each route, the longest unseen; 0: one.")
    ] = 0,
) -> CheckRunOut:
    """Begins a run of checks. One goes on at each cluster: asked again, that one is given.

    The login node and the batch system are only read. Worker nodes are looked at by small jobs of the
    purpose `check`.
    """
    asked = Asked(login_only, tuple(node), sample)
    try:
        run, new = await services.checks.begin(_cluster(services, cluster), asked, actor=caller.actor)
    except UnknownCluster as error:
        raise Problem(kinds.NO_SUCH_CLUSTER, str(error)) from error
    response.status_code = HTTPStatus.ACCEPTED if new else HTTPStatus.OK
    response.headers["Location"] = f"{router.prefix}/site/checks/{run.id}"
    return run_out(run)


@router.get("/site/checks", responses=guarded_problems(kinds.INVALID_REQUEST))
async def get_check_runs(
    services: ServicesDep,
    _: Viewer,
    cluster: Annotated[Name | None, Query(description="Only of this cluster.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> CheckRunsOut:
    """Runs of checks, the newest first, without their results."""
    return runs_out(await services.checks.latest(limit, cluster))


@router.get("/site/checks/{run}", responses=guarded_problems(kinds.NO_SUCH_RUN, kinds.INVALID_REQUEST))
async def get_check_run(services: ServicesDep, _: Viewer, run: RunId) -> CheckRunOut:
    """One run with its results; while it goes on, with those so far."""
    return run_out(await run_or_problem(services, run))


async def run_or_problem(services: Services, run_id: int) -> Run:
    """The run with this id. Raises Problem when there is none."""
    found = await services.checks.get(run_id)
    if found is None:
        raise Problem(kinds.NO_SUCH_RUN, f"there is no run {run_id} of checks; the oldest ones are forgotten")
    return found


def _cluster(services: Services, asked: str | None) -> str:
    known = [view.name for view in services.site().clusters]
    if asked is not None:
        return asked
    if len(known) == 1:
        return known[0]
    raise Problem(kinds.NO_SUCH_CLUSTER, f"which cluster? There are: {', '.join(known) or 'none'}")
