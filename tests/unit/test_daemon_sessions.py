"""What a session sees of a running CE, and what it starts there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bosco.batch.facts import BatchFacts, Limits, Queue
from hosted_ce.api.ports.explaining import Explanation, JobView
from hosted_ce.api.ports.operations import CannotProbe
from hosted_ce.api.ports.test_pilots import CannotTest
from hosted_ce.api.views import ClusterView, Contact
from hosted_ce.checks.result import Result
from hosted_ce.checks.run import Asked, Run, RunState, counted
from hosted_ce.checks.verdict import Verdict
from hosted_ce.daemon.sessions import door_checks, seen, usual, verified
from hosted_ce.daemon.sessions.door_checks import DoorChecks
from hosted_ce.daemon.sessions.eyes import SiteEyes
from hosted_ce.daemon.sessions.hands import SiteHands
from hosted_ce.daemon.sessions.keeper import Started
from hosted_ce.front_door.checks.finding import failed, passed, warned
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.spec import PilotSpec
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Mode, State
from hosted_ce.routing.model import Ask
from hosted_ce.session.errors import CannotRun
from hosted_ce.session.item import Act
from hosted_ce.settings import Settings
from hosted_ce.site import SiteFile, load_site
from hosted_ce.store.firsts import FirstPilots
from hosted_ce.test_pilots.errand import Errand
from hosted_ce.verification.report import RouteReport
from tests.api.world import SITE, SITE_FILE, START, World, open_world
from tests.fakes.checks import KnownChecks
from tests.fakes.database import new_database
from tests.fakes.ramps import KnownRamps

HPC, OLD = SITE.clusters


@pytest.mark.parametrize(
    ("cluster", "problem", "known"),
    [
        (HPC, None, True),
        (OLD, "the host key is not the one on record", True),
        (replace(HPC, submitting=False, closed_reason="paused by rest:me"), "paused by rest:me", True),
        (replace(HPC, contact=Contact.NOT_YET, submitting=False), "not tried yet", False),
    ],
)
def test_a_cluster_is_a_place_where_jobs_can_be_submitted_or_not(
    cluster: ClusterView, problem: str | None, known: bool
) -> None:
    found = seen.place(cluster)
    assert (found.problem, found.known) == (problem, known)


def test_a_run_of_checks_is_told_by_what_is_not_well() -> None:
    results = (
        Result("SSH-2", Verdict.PASS, "answers"), Result("WN-4", Verdict.WARN, "5 s", "route osg"),
        Result("SSH-4", Verdict.FAIL, "the key is refused", "login:22"),
        Result("AC-3", Verdict.SKIPPED, "not looked at", None, {"because": "SSH-4"}),
    )  # fmt: skip
    run = Run(7, "hpc", RunState.DONE, Asked(), "a", 1.0, 2.0, counts=counted(results), results=results)
    found = seen.check_run(run)
    assert [(fault.name, fault.severe) for fault in found.faults] == [
        ("SSH-4 (login:22)", True), ("WN-4 (route osg)", False)
    ]  # fmt: skip
    assert found.faults[0].title.startswith("SSH-4 ")
    assert (found.counts["fail"], found.broke) == (1, None)
    assert seen.check_run(replace(run, state=RunState.INTERRUPTED, problem="stopped")).broke == "stopped"


def of_run(number: int, *results: Result) -> Run:
    return Run(
        number, "hpc", RunState.DONE, Asked(), "a", number * 100.0, number * 100.0 + 50,
        counts=counted(results), results=results,
    )  # fmt: skip


def test_what_a_later_run_did_not_look_at_stands_as_it_was_found() -> None:
    key = Result("SSH-4", Verdict.FAIL, "the key is refused", "login:22")
    slow = Result("WN-4", Verdict.WARN, "5 s")
    first = of_run(1, key, slow, Result("SSH-2", Verdict.FAIL, "nobody answers"))
    second = of_run(2, Result("SSH-2", Verdict.PASS, "answers"), key)
    third = of_run(
        3, Result("SSH-2", Verdict.FAIL, "nobody answers"), Result("SSH-4", Verdict.SKIPPED, "not looked at"),
    )  # fmt: skip
    found = seen.check_run(third, [second, first])
    assert [(fault.name, fault.seen, fault.since) for fault in found.faults] == [
        ("SSH-2", "nobody answers", 350.0),
        ("SSH-4 (login:22)", "the key is refused (run 2; not looked at since)", 150.0),
        ("WN-4", "5 s (run 1; not looked at since)", 150.0),
    ]
    assert (found.counts, found.unlooked) == (dict(third.counts), 2)
    mended = of_run(4, Result("SSH-4", Verdict.PASS, "accepted"), replace(slow, verdict=Verdict.PASS))
    assert [fault.name for fault in seen.check_run(mended, [third, second, first]).faults] == ["SSH-2"]


async def test_earlier_runs_of_the_session_count_where_a_later_one_did_not_look(
    template: Path, tmp_path: Path
) -> None:
    async with open_world(template, tmp_path) as world:
        checks = KnownChecks(lambda: world.time, ["hpc", "old"])
        eyes = SiteEyes(
            lambda: SITE, lambda: site_file(tmp_path), checks=checks, ramps=KnownRamps(lambda: world.time),
            queries=world.services.queries, firsts=FirstPilots(world.database), now=lambda: world.time,
        )  # fmt: skip
        bad = Result("SSH-4", Verdict.FAIL, "the key is refused")
        checks.runs = [of_run(1, bad), of_run(2, replace(bad, verdict=Verdict.SKIPPED))]
        [run] = (await eyes.facts(0.0)).checks
        assert (run.id, [fault.name for fault in run.faults]) == (2, ["SSH-4"])
        [run] = (await eyes.facts(200.0)).checks
        assert run.faults == (), "what was before the session says nothing"


async def test_what_is_seen_began_since_then(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path) as world:
        checks, runs = KnownChecks(lambda: world.time, ["hpc", "old"]), KnownRamps(lambda: world.time)
        eyes = SiteEyes(
            lambda: SITE, lambda: site_file(tmp_path), checks=checks, ramps=runs,
            queries=world.services.queries, firsts=FirstPilots(world.database), now=lambda: world.time,
        )  # fmt: skip
        await checks.begin("hpc", Asked(), actor="a")
        checks.runs[0] = replace(checks.runs[0], state=RunState.DONE)
        await world.complete((await world.from_factory(1)).id)
        world.time += 100
        before = await eyes.facts(world.time)
        assert (before.checks, before.pilots, before.door) == ((), (), "ce.example.edu:9619")
        assert before.file_problem == SITE.file.problems[0]  # type: ignore[union-attr]
        await checks.begin("old", Asked(login_only=True), actor="a")
        await checks.begin("hpc", Asked(), actor="a")
        pilot = await world.complete((await world.from_factory(2)).id)
        after = await eyes.facts(world.time)
        assert [(run.id, run.cluster) for run in after.checks] == [(3, "hpc")], "half a look is none"
        [found] = after.pilots
        assert (found.id, found.well, found.node, found.came_by) == (pilot.id, True, "n001", "the front door")


async def test_a_pilot_that_did_not_do_well_says_how_it_ended(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path) as world:
        pilot = await ended(world, exit_code=1)
        found = seen.pilot(pilot)
        assert (found.well, found.ended) == (False, "exit code 1, normal")
        waits = seen.pilot(await world.from_factory(2))
        assert (waits.over, waits.ended, waits.routed_at, waits.ran_s(START + 9)) == (False, None, None, 0.0)


async def ended(world: World, *, exit_code: int) -> Pilot:
    pilot = await world.complete((await world.from_factory(1)).id)
    assert pilot.attempt
    return replace(pilot, attempt=replace(pilot.attempt, exit_code=exit_code))


def site_file(folder: Path) -> SiteFile:
    (folder / "seen.yaml").write_text(SITE_FILE + "checks: {every: 7d}\n")
    return load_site(folder / "seen.yaml")


@dataclass
class Everything:
    """All that can be started, and what was."""

    done: list[Any] = field(default_factory=list)
    error: Exception | None = None
    reports_: Sequence[RouteReport] = ()

    async def probe(self, cluster: str) -> None:
        self.done.append(("probe", cluster))
        if self.error:
            raise self.error

    async def submit(self, errand: Errand, *, owner: str, key: str | None = None) -> tuple[Pilot, bool]:
        if self.error:
            raise self.error
        self.done.append((errand.name, owner))
        return _PILOT, True

    async def of_spec(self, spec: PilotSpec, account: str | None) -> Explanation:
        self.done.append((spec.attributes["RequestCpus"], account))
        return EXPLAINED

    async def reports(self, seconds: float) -> Sequence[RouteReport]:
        return self.reports_

    async def front_door(self) -> Started:
        return Started("14 pass", True)


EXPLAINED = Explanation(
    None, None, "osg", "large", None, "hpc", "route large takes it", False, (), (), (), {}, None
)
_PILOT: Any = type("P", (), {"id": 9})


@pytest.fixture
def all_() -> Everything:
    return Everything()


@pytest.fixture
def checks() -> KnownChecks:
    return KnownChecks(lambda: START, ["hpc", "old"])


@pytest.fixture
def ramps() -> KnownRamps:
    return KnownRamps(lambda: START)


@pytest.fixture
def hands(all_: Any, checks: KnownChecks, ramps: KnownRamps) -> SiteHands:
    return SiteHands(
        lambda: SITE, all_, all_, front_door=all_.front_door, checks=checks, tests=all_, ramps=ramps,
        verifier=all_,
    )  # fmt: skip


async def start(hands: SiteHands, act: Act) -> Started:
    return await hands.start(act, owner="Ada", actor="rest:Ada")


async def test_every_act_can_be_started(hands: SiteHands) -> None:
    for act in Act:
        assert (await start(hands, act)).text


async def test_each_cluster_is_asked_and_checked(
    hands: SiteHands, all_: Everything, checks: KnownChecks
) -> None:
    assert await start(hands, Act.CONTACT) == Started("asked hpc, old", True, "/site")
    all_.error = CannotProbe("no answer in time")
    assert (await start(hands, Act.CONTACT)).text == "no answer in time; no answer in time"
    begun = await start(hands, Act.CHECK)
    assert begun == Started("begun: run 1 at hpc, run 2 at old", None, "/site/checks/1")
    assert await start(hands, Act.CHECK) == begun, "those that go on are not begun again"
    assert {run.actor for run in checks.runs} == {"rest:Ada"}


async def test_test_pilots_are_whose_they_are(hands: SiteHands, all_: Everything) -> None:
    assert await start(hands, Act.HELLO) == Started("pilot 9 was sent", None, "/pilots/9")
    await start(hands, Act.STRESS)
    assert all_.done == [("hello", "Ada"), ("stress", "Ada")]
    all_.error = CannotTest("50 tests are not over yet")
    with pytest.raises(CannotRun, match="50 tests"):
        await start(hands, Act.HELLO)


async def test_paused_ramps_go_on_and_pinned_ones_stay(hands: SiteHands, ramps: KnownRamps) -> None:
    assert (await start(hands, Act.RAMP)).text == "no ramp was paused"
    for route, mode in (("large", Mode.PAUSED), ("any", Mode.PINNED)):
        ramps.put(route, Rules(2, 8), State(2, START, mode=mode), Evidence())
    assert await start(hands, Act.RAMP) == Started("going on: large", None, "/ramp")
    found = {view.route: seen.ramp(view) for view in ramps.views()}
    assert (found["large"].mode, found["any"].mode, found["any"].cap) == ("auto", "pinned", 2)


async def test_usual_pilots_are_tried_on_the_routes(hands: SiteHands, all_: Everything) -> None:
    found = await start(hands, Act.ROUTE)
    assert all_.done == [(1, None), (8, None)]
    assert found.text.startswith("1 core, 2 GB, 24 h: route large takes it; 8 cores")
    none = replace(EXPLAINED, route=None, waits_for=None, reason="no route matches")
    full = replace(EXPLAINED, route=None, waits_for="large")
    assert usual.told([("a", none), ("b", none)]).well is False
    one = usual.told([("a", none), ("b", full)])
    assert (one.well, one.text) == (
        True, "a: no route takes it (no route matches); b: route large takes it when there is room"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("walltime_s", "well", "said"),
    [
        (72 * 3600, False, "a: route large takes it, but asks for 72h, and queue short gives 30m at most"),
        (1800, True, "a: route large takes it"),
    ],
)
def test_a_usual_pilot_that_can_never_start_is_not_well(walltime_s: int, well: bool, said: str) -> None:
    ask = asdict(Ask(1, 2000, walltime_s, "short", None, None, 0, False, (), {}, {}))
    job = JobView("large", "hpc", None, "h0", ask, "/f", (), b"", ())
    facts = BatchFacts("Slurm", queues=(Queue("short", True, True, limits=Limits(walltime_s=1800)),))
    taken = replace(EXPLAINED, job=job)
    found = usual.told([("a", taken)], {"hpc": facts}.get)
    assert (found.well, found.text) == (well, said)
    assert usual.told([("a", taken)], lambda _: None).well, "what was not probed contradicts nothing"


def test_what_a_verification_says_in_a_line() -> None:
    few = RouteReport("osg", "hpc", 1, 0.5, 0, enough=False)
    assert verified.told([few]).text == "route osg: 1 run, too few to judge"
    assert verified.told([replace(few, runs=40, enough=True)]).text == "route osg: 40 runs, nothing to do"
    assert verified.told([]).well


def test_the_doors_findings_in_a_line() -> None:
    found = [passed("a", "well"), warned("b", "9 days", "renew"), failed("c", "no certificate", "make one")]
    assert door_checks.told(found) == Started(
        "1 fail, 1 warn, 1 pass; b: 9 days; c: no certificate", False, "/site"
    )
    assert door_checks.told(found[:2]).well


async def test_a_site_without_a_door_has_none_to_check(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="no front door"):
        await DoorChecks(lambda: site_file(tmp_path), Settings(state=tmp_path))()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    return Path(new_database(folder).removeprefix("sqlite:///"))
