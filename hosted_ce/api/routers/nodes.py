"""How pilots end on the site's nodes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from hosted_ce.api.access import Access
from hosted_ce.api.kinds import INVALID_REQUEST
from hosted_ce.api.problem_docs import guarded_problems
from hosted_ce.api.services import ServicesDep
from hosted_ce.api.times import Timestamp, rfc3339

router = APIRouter(prefix="/api/v1", tags=["site"])


class NodeOut(BaseModel):
    """A node, and how its latest pilots ended."""

    cluster: str
    name: str = Field(examples=["n001"])
    ended: int = Field(description="Attempts that ended there within the last six hours.")
    failed: int = Field(description="Those whose ends speak against the node.")
    classes: dict[str, int] = Field(description="All of them by class.", examples=[{"no_cvmfs": 7}])
    last_at: Timestamp = Field(description="When the last one ended.")
    problem: str | None = Field(description="Why it is taken for a black hole; null: it is not.")


class NodesOut(BaseModel):
    """Nodes; those that kill pilots come first, then those with most failures."""

    nodes: list[NodeOut]
    left_out: int = Field(description="How many more there are.")


@router.get("/nodes", responses=guarded_problems(INVALID_REQUEST))
async def get_nodes(
    services: ServicesDep, _: Access, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> NodesOut:
    """How pilots ended on each node within the last six hours, since the start of the CE at most."""
    found = services.nodes()
    shown = [
        NodeOut(
            cluster=node.cluster, name=node.name, ended=sum(node.classes.values()), failed=node.failed,
            classes=dict(node.classes), last_at=rfc3339(node.last_at), problem=node.problem,
        )
        for node in found[:limit]
    ]  # fmt: skip
    return NodesOut(nodes=shown, left_out=max(0, len(found) - limit))
