"""Pilots that wait beside idle nodes are told of, with whose move it is; others are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bosco.batch.facts import BatchFacts, NodeShape
from hosted_ce.capabilities.finding import Weight
from hosted_ce.capabilities.idle_findings import FRESH_S, LONG_S, WaitingRoute, idle_findings

WAITING = WaitingRoute("default", "osg", 8, 20, LONG_S, "Priority")
NODE = NodeShape("osg", 10, 64, 256_000, 0, 128)


def found(node: NodeShape = NODE, age_s: float = 60.0, waiting: WaitingRoute = WAITING) -> list[str]:
    batch = BatchFacts("Slurm", shapes=(node,), default_queue="batch")
    return [one.id for one in idle_findings(batch, age_s, [waiting])]


def test_it_says_how_long_how_many_and_whose_move_it_is() -> None:
    [one] = idle_findings(BatchFacts("Slurm", shapes=(NODE,)), 60.0, [WAITING])
    assert (one.id, one.weight, one.route) == ("idle-nodes", Weight.PROBLEM, "default")
    assert "20 pilots of route default wait, the first for 2 h" in one.said
    assert "128 idle cores" in one.said
    assert "the site's move" in one.todo
    assert "Priority" in one.todo


@pytest.mark.parametrize(
    ("node", "age_s", "waiting"),
    [
        (NODE, 60.0, replace(WAITING, seconds=LONG_S - 1)),
        (NODE, FRESH_S + 1, WAITING),
        (replace(NODE, idle_cpus=63), 60.0, WAITING),
        (replace(NODE, idle_cpus=0), 60.0, WAITING),
        (replace(NODE, idle_cpus=None), 60.0, WAITING),
        (replace(NODE, cpus=4), 60.0, WAITING),
        (replace(NODE, queue="gpu"), 60.0, WAITING),
        (NODE, 60.0, replace(WAITING, queue=None)),
    ],
)  # fmt: skip
def test_what_is_no_reason_to_ask(node: NodeShape, age_s: float, waiting: WaitingRoute) -> None:
    assert found(node, age_s, waiting) == []


def test_where_there_are_no_queues_any_node_will_do() -> None:
    assert found(replace(NODE, queue=None)) == ["idle-nodes"]
    assert found(waiting=replace(WAITING, queue="osg")) == ["idle-nodes"]
    assert found(replace(NODE, queue="batch"), waiting=replace(WAITING, queue=None)) == ["idle-nodes"]


def test_without_shapes_nothing_is_known() -> None:
    assert list(idle_findings(BatchFacts("LSF"), 0.0, [WAITING])) == []
