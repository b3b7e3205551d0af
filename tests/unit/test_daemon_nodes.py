"""The daemon hears on which nodes attempts end, and says so."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from hosted_ce.daemon.outlook import Outlook
from hosted_ce.daemon.wellbeing import cluster_facts
from hosted_ce.engine.circuit import CircuitState
from hosted_ce.pilots.nodes import MANY, Nodes
from hosted_ce.pilots.pilot import Attempt, Change, Event, Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from tests.api.world import SITE

PILOT = Pilot(1, 1, State.RUNNING, Stage.ENDED, Goal.RUN, None, {}, "test", "tester", 0.0, 0.0)


def test_ends_count_for_their_nodes() -> None:
    outlook = cast(Any, object.__new__(Outlook))
    outlook._nodes, outlook._now = Nodes(), lambda: 100.0
    tried = Attempt(
        1, 1, 1, "h1", "osg", "main", {}, 0.0, node="n007", started_at=10.0, ended_at=20.0
    )  # fmt: skip
    failed = Event("completed", "engine", None, {"class": "no_cvmfs"})
    for attempt in (None, dataclasses.replace(tried, node=None), *[tried] * MANY):
        outlook.changes([Change(dataclasses.replace(PILOT, attempt=attempt), event=failed)])
    outlook.changes([Change(dataclasses.replace(PILOT, attempt=tried), event=Event("running", "site"))])
    [node] = outlook.nodes()
    assert (node.cluster, node.name, node.classes) == ("main", "n007", {"no_cvmfs": MANY})
    assert node.problem


def test_every_state_of_a_cluster_counts_for_health() -> None:
    for state in CircuitState:
        view = dataclasses.replace(SITE.clusters[0], state=state.value, state_reason="why")
        assert cluster_facts(view).said == "why"
