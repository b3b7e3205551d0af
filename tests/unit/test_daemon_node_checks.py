"""Jobs of a check: sent, followed, judged; what becomes of those that do not come back with an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from hosted_ce.api.ports.test_pilots import CannotTest
from hosted_ce.checks.looks import Way
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Run, RunState
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.checks import nodes as node_checks
from hosted_ce.daemon.checks.nodes import NodeProbes
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Attempt, Change, Pilot
from hosted_ce.pilots.purpose import Purpose
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.site import SiteFile
from hosted_ce.test_pilots.errand import Errand

PASS, WARN, FAIL, SKIPPED = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED
RUN = Run(7, "main", RunState.RUNNING, Asked(), "a", 5.0)
WAIT = Pilot(
    1, 1, State.IDLE, Stage.QUEUED, Goal.RUN, "in the queue: Priority", {}, "rest", "checks", 0.0, 0.0
)
TRIED = Attempt(1, 1, 1, "h1", "osg", "main", {"cpus": 1, "memory_mb": 500, "walltime_s": 300}, 0.0)
RAN = replace(TRIED, node="n007", started_at=10.0, ended_at=20.0)
DONE = replace(WAIT, state=State.COMPLETED, stage=Stage.DONE, attempt=RAN)


@dataclass
class World:
    """Pilots that become, look by look, what a test says. It plays the service, the store and the outputs."""

    life: dict[int, list[Pilot]] = field(default_factory=dict)
    sent: list[Errand] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    refusal: Exception | None = None
    answers: bool = True
    applied: list[Change] = field(default_factory=list)

    async def submit(self, errand: Errand, *, owner: str, key: str | None = None) -> tuple[Pilot, bool]:
        if self.refusal:
            raise self.refusal
        self.sent.append(errand)
        self.keys.append(key)
        return replace(WAIT, id=len(self.sent)), True

    async def get(self, *asked: Any) -> Any:
        if len(asked) == 1:
            life = self.life[asked[0]]
            return life.pop(0) if len(life) > 1 else life[0]
        nonce = self.sent[asked[0] - 1].arguments[0]
        return (
            f"noise\n@@{nonce} host n007\n@@{nonce} uid 1001\n@@{nonce} end 2\n".encode()
            if self.answers
            else b"x"
        )

    async def apply(self, changes: Sequence[Change]) -> list[Change]:
        self.applied += changes
        return list(changes)

    async def seen(self, cluster: str) -> Mapping[str, float]:
        return {}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_checks, "LOOK_S", 0.0)


def site() -> SiteFile:
    cluster = {"batch": "slurm", "transport": "local", "account": "osg01", "scratch": "/scratch"}
    return SiteFile.model_validate(
        {"site": "X", "resource": "Y", "clusters": {"main": cluster}, "routes": [{"name": "osg"}]}
    )


async def looked(
    world: World, *ways: Way, asked: Asked | None = None
) -> tuple[dict[tuple[str, str | None], Result], list[str]]:
    """The last results by check and place, and all that was said on the way."""
    probes = NodeProbes(world, world, world, site=site, seen=world.seen, now=lambda: 30.0)
    run, told, results = replace(RUN, asked=asked or Asked()), list[str](), list[Result]()
    async for found, words in probes.of(run, ways or (Way("osg"),)):
        results = list(found)
        told.append(words)
    return {(each.check, each.where): each for each in results}, told


async def test_an_answer_is_judged_at_the_node_that_gave_it() -> None:
    world = World({1: [WAIT, WAIT, DONE]})
    found, told = await looked(world)
    assert found["WN-6", "n007"].verdict is PASS
    assert len({where for _, where in found}) == 1
    assert told[0] == "worker nodes: jobs not back yet: 1; a node of route osg: idle, in the queue: Priority"
    assert told[-1] == "worker nodes looked at: 1"
    [errand] = world.sent
    assert (errand.purpose, errand.aim.route, errand.aim.node) == (Purpose.CHECK, "osg", None)
    assert "scratch=/scratch" in errand.arguments
    assert world.keys == ["run-7-0"], "asked again after a crash, it is the same pilot"


async def test_a_route_by_which_nothing_can_be_sent() -> None:
    found, _ = await looked(World(), Way("osg", open=False))
    assert {place: each.verdict for place, each in found.items()} == {("WN-6", "osg"): SKIPPED}


async def test_two_jobs_on_one_node_say_everything_once() -> None:
    found, _ = await looked(World({1: [DONE], 2: [DONE]}), Way("osg"), Way("gpu"))
    assert {where for _, where in found} == {"n007"}


@pytest.mark.parametrize(
    ("pilot", "verdict", "seen"),
    [
        (
            replace(DONE, state=State.REMOVED, attempt=replace(TRIED, site_reason="Priority")),
            WARN,
            "Priority",
        ),
        (replace(DONE, state=State.HELD, attempt=TRIED, reason="the site refused it"), FAIL, "refused"),
        (DONE, FAIL, "ended without an answer"),
        (replace(DONE, state=State.LOST, attempt=replace(RAN, ended_at=None), reason="gone"), FAIL, "gone"),
    ],
    ids=["it waited for too long", "refused", "no answer", "lost"],
)
async def test_a_job_that_brings_no_answer(pilot: Pilot, verdict: Verdict, seen: str) -> None:
    world = World({1: [pilot]}, answers=False)
    found, _ = await looked(world, asked=Asked(nodes=("n007",)))
    result = found["WN-6", "n007"]
    assert (result.verdict, seen in result.seen) == (verdict, True)
    assert bool(world.applied) is (pilot.state is State.HELD), "what is held would stay for ever"


async def test_a_job_that_could_not_begin_in_the_home_blames_the_home() -> None:
    ended = replace(TRIED, node="n007", ended_at=20.0, outcome_class=EndClass.NOT_STARTED)
    ended = replace(ended, outcome_evidence="cannot write to /home/osg01/hosted-ce")
    found, _ = await looked(World({1: [replace(DONE, attempt=ended)]}, answers=False))
    assert found["FS-1", "n007"].verdict is FAIL


async def test_what_cannot_be_sent_is_skipped_with_its_reason() -> None:
    found, _ = await looked(World(refusal=CannotTest("50 tests are not over")))
    assert found["WN-6", "osg"].seen == "no job was sent: 50 tests are not over"
