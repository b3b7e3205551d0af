"""Nodes as JSON."""

from __future__ import annotations

from pydantic import BaseModel, Field

from hosted_ce.api.times import Timestamp, rfc3339, rfc3339_or_none
from hosted_ce.pilots.avoidance import AUTOMATIC, Avoidance
from hosted_ce.pilots.nodes import Node


class AvoidanceOut(BaseModel):
    """That a node gets, or got, no pilots for a while."""

    cluster: str
    node: str = Field(examples=["n007"])
    in_force: bool
    since: Timestamp
    until: Timestamp = Field(description="When it ends, or ended, by itself.")
    actor: str = Field(description="Who wanted it; `engine`: the site file's `avoid_nodes`.")
    automatic: bool = Field(description="Whether the site file's `avoid_nodes` wanted it.")
    reason: str | None
    ended_at: Timestamp | None = Field(description="When somebody ended it before its time.")
    ended_by: str | None


class AvoidancesOut(BaseModel):
    """Avoidances, the newest first."""

    avoidances: list[AvoidanceOut]


class NodeOut(BaseModel):
    """A node, and how its latest pilots ended."""

    cluster: str
    name: str = Field(examples=["n001"])
    ended: int = Field(description="Attempts that ended there within the last six hours.")
    failed: int = Field(description="Those whose ends speak against the node.")
    classes: dict[str, int] = Field(description="All of them by class.", examples=[{"no_cvmfs": 7}])
    last_at: Timestamp | None = Field(description="When the last one ended; null: none did.")
    problem: str | None = Field(description="Why it is taken for a black hole; null: it is not.")
    avoided: AvoidanceOut | None = Field(description="That it gets no pilots now; null: it does.")


class NodesOut(BaseModel):
    """Nodes; those that kill pilots come first, then those with most failures."""

    nodes: list[NodeOut]
    left_out: int = Field(description="How many more there are.")


def avoidance_out(one: Avoidance, now: float) -> AvoidanceOut:
    """The avoidance as JSON."""
    return AvoidanceOut(
        cluster=one.cluster, node=one.node, in_force=one.in_force(now), since=rfc3339(one.since),
        until=rfc3339(one.until), actor=one.actor, automatic=one.actor == AUTOMATIC, reason=one.reason,
        ended_at=rfc3339_or_none(one.ended_at), ended_by=one.ended_by,
    )  # fmt: skip


def node_out(node: Node, avoided: AvoidanceOut | None) -> NodeOut:
    """The node as JSON."""
    return NodeOut(
        cluster=node.cluster, name=node.name, ended=sum(node.classes.values()), failed=node.failed,
        classes=dict(node.classes), last_at=rfc3339_or_none(node.last_at), problem=node.problem,
        avoided=avoided,
    )  # fmt: skip
