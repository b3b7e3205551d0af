"""The daemon hears on which nodes attempts end, and sends no pilots to those that are avoided."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.api.ports.operations import UnknownCluster
from hosted_ce.daemon.nodes import MOST, SiteNodes
from hosted_ce.daemon.wellbeing import cluster_facts
from hosted_ce.engine.circuit import CircuitState
from hosted_ce.pilots.avoidance import AUTOMATIC, CannotAvoid, NotAvoided
from hosted_ce.pilots.nodes import MANY
from hosted_ce.pilots.pilot import Attempt, Change, Event, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.site import SiteFile
from hosted_ce.store.database import Database
from hosted_ce.store.nodes import NodeStore
from tests.api.world import SITE
from tests.fakes import sites
from tests.fakes.clock import Clock
from tests.fakes.database import new_database, quick_folder

PILOT = Pilot(1, 1, State.RUNNING, Stage.ENDED, Goal.RUN, None, {}, "test", "tester", 0.0, 0.0)
TRIED = Attempt(1, 1, 1, "h1", "osg", "main", {}, 0.0, node="n007", started_at=10.0, ended_at=20.0)
FAILED = Event("completed", "engine", None, {"class": "no_cvmfs"})


class Campus:
    """Nodes of a site file that a test changes, on a database that stays."""

    def __init__(self, database: Database):
        self.store, self.clock = NodeStore(database), Clock()
        self.clusters: dict[str, Any] = {"main": sites.cluster(), "old": sites.cluster(batch="pbs")}
        self.nodes = self.started()

    def started(self) -> SiteNodes:
        return SiteNodes(self.store, self.site, self.clock)

    def site(self) -> SiteFile:
        return sites.site(sites.route("default", cluster="main"), clusters=self.clusters)

    async def restart(self) -> None:
        self.nodes = self.started()
        await self.nodes.load()

    def fail(self, times: int, node: str = "n007", purpose: Purpose = Purpose.PILOT) -> None:
        tried = dataclasses.replace(PILOT, attempt=dataclasses.replace(TRIED, node=node), purpose=purpose)
        for _ in range(times):
            self.clock.advance(1)
            self.nodes.changes([Change(tried, event=FAILED)])

    async def avoid(self, node: str = "n007", cluster: str = "main", **more: Any) -> None:
        given = {"seconds": 3600.0, "actor": "rest:me", "reason": None, "force": True, **more}
        await self.nodes.avoid(cluster, node, **given)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder."""
    with quick_folder() as made:
        yield made


@pytest.fixture
async def campus(folder: Path) -> AsyncIterator[Campus]:
    """A site with two clusters."""
    database = Database(new_database(folder))
    try:
        yield Campus(database)
    finally:
        await database.close()


def test_ends_count_for_their_nodes(campus: Campus) -> None:
    for attempt in (None, dataclasses.replace(TRIED, node=None)):
        campus.nodes.changes([Change(dataclasses.replace(PILOT, attempt=attempt), event=FAILED)])
    campus.fail(MANY)
    campus.nodes.changes([Change(dataclasses.replace(PILOT, attempt=TRIED), event=Event("running", "site"))])
    [node] = campus.nodes.all()
    assert (node.cluster, node.name, node.classes) == ("main", "n007", {"no_cvmfs": MANY})
    assert node.problem


async def test_a_node_is_avoided_until_then_also_after_a_restart(campus: Campus) -> None:
    await campus.avoid(reason="no CVMFS")
    await campus.restart()
    assert campus.nodes.avoided("main") == ("n007",)
    assert campus.nodes.avoided("other") == ()
    assert [(node.name, node.last_at) for node in campus.nodes.all()] == [("n007", None)]
    campus.clock.advance(3600)
    assert campus.nodes.avoided("main") == ()
    [known] = await campus.nodes.latest(9)
    assert (known.actor, known.reason, known.ended_at) == ("rest:me", "no CVMFS", None)


async def test_it_is_allowed_again_and_who_did_that_is_known(campus: Campus) -> None:
    await campus.avoid()
    await campus.nodes.allow("main", "n007", actor="rest:you")
    assert campus.nodes.avoided("main") == ()
    await campus.restart()
    assert campus.nodes.avoided("main") == ()
    [known] = await campus.nodes.latest(9)
    assert (known.ended_by, known.ended_at) == ("rest:you", campus.clock())
    with pytest.raises(NotAvoided, match="there are: none"):
        await campus.nodes.allow("main", "n007", actor="rest:you")


async def test_a_new_avoidance_ends_the_one_before(campus: Campus) -> None:
    await campus.avoid(seconds=90 * 86400.0)
    campus.clock.advance(5)
    await campus.avoid(seconds=60.0)
    campus.clock.advance(60)
    assert campus.nodes.avoided("main") == ()
    assert [one.ended_by for one in await campus.nodes.latest(9)] == [None, "rest:me"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cluster": "old"}, "cannot ask PBS"),
        ({"node": "n[1-9]"}, "is not the name of a node"),
        ({"force": False}, "the name may be wrong"),
        ({"seconds": 59.0}, "for a minute at least"),
        ({"seconds": 90 * 86400.0 + 1}, "90 days at most"),
    ],
)
async def test_what_cannot_be_avoided(campus: Campus, given: dict[str, Any], words: str) -> None:
    with pytest.raises(CannotAvoid, match=words):
        await campus.avoid(**given)
    assert await campus.nodes.latest(9) == []


async def test_of_no_cluster(campus: Campus) -> None:
    with pytest.raises(UnknownCluster):
        await campus.avoid(cluster="hpc")
    with pytest.raises(UnknownCluster):
        await campus.nodes.allow("hpc", "n007", actor="rest:me")


async def test_a_node_where_pilots_ended_needs_no_force(campus: Campus) -> None:
    campus.fail(1)
    await campus.avoid(force=False)
    assert campus.nodes.avoided("main") == ("n007",)


async def test_there_are_never_too_many(campus: Campus) -> None:
    for number in range(MOST):
        await campus.avoid(f"n{number}")
    with pytest.raises(CannotAvoid, match="allow others first"):
        await campus.avoid("one-more")
    await campus.avoid("n0")


async def test_nothing_is_avoided_by_itself_unless_the_site_file_says_so(campus: Campus) -> None:
    campus.fail(9)
    await campus.nodes.tick()
    assert campus.nodes.avoided("main") == ()
    campus.clusters["main"]["avoid_nodes"] = {"after": 5, "lasting": "2h", "at_most": 1}
    campus.fail(9, "n008")
    await campus.nodes.tick()
    [known] = await campus.nodes.latest(9)
    assert (known.node, known.actor, known.until - known.since) == ("n007", AUTOMATIC, 7200)
    await campus.restart()
    await campus.nodes.tick()
    assert campus.nodes.avoided("main") == ("n007",)


async def test_a_cluster_that_cannot_avoid_nodes_any_more_is_not_asked_to(campus: Campus) -> None:
    await campus.avoid()
    campus.clusters["main"] = sites.cluster(batch="pbs")
    assert campus.nodes.avoided("main") == ()


def test_every_state_of_a_cluster_counts_for_health() -> None:
    for state in CircuitState:
        view = dataclasses.replace(SITE.clusters[0], state=state.value, state_reason="why")
        assert cluster_facts(view).said == "why"


def test_how_tests_and_checks_end_speaks_neither_for_a_node_nor_against_it(campus: Campus) -> None:
    campus.fail(MANY, purpose=Purpose.TEST)
    campus.fail(MANY, purpose=Purpose.CHECK)
    assert campus.nodes.all() == []
