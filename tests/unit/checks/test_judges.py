"""Each fault of a site is found by its own check, and by no other."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from importlib import import_module

import pytest
from facts import KNOWN, SPOOL, WAY, WELL, asking, at_batch, at_login, known, seen, stopped

from bosco.approach import Step
from bosco.batch.condition import Condition, Nodes, Rehearsal
from bosco.batch.facts import Queue, Records
from bosco.batch.model import Listing
from bosco.capabilities import Folder, Quota
from bosco.examined import Examination, Listed
from hosted_ce.checks.catalogue import CATALOGUE, Where
from hosted_ce.checks.dependencies import BECAUSE
from hosted_ce.checks.judges import approach, told
from hosted_ce.checks.judges.facts import Facts, Strangers
from hosted_ce.checks.judges.judge import asked, login_report
from hosted_ce.checks.judges.systems import supported
from hosted_ce.checks.result import Result
from hosted_ce.checks.verdict import Verdict

PASS, WARN, FAIL, SKIPPED = Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIPPED


def report(facts: Facts, *, local: bool = False) -> tuple[Result, ...]:
    return login_report(facts, local=local)


def bad(facts: Facts) -> dict[str, Verdict]:
    return {each.check: each.verdict for each in report(facts) if each.verdict in (WARN, FAIL)}


def test_a_site_where_all_is_well_passes_every_check() -> None:
    results = report(WELL)
    assert {result.verdict for result in results} == {PASS}
    login_side = [kind.id for kind in CATALOGUE.values() if kind.where is not Where.WORKER_NODE]
    assert [result.check for result in results] == login_side


@pytest.mark.parametrize(("step", "check"), approach.CHECK_OF.items())
def test_a_step_that_fails_is_the_only_failure_and_the_rest_is_skipped_for_it(step: Step, check: str) -> None:
    results = report(stopped(step, "so it was"))
    assert [result.check for result in results if result.verdict is FAIL] == [check]
    behind = [result for result in results if result.verdict is SKIPPED]
    assert {result.data[BECAUSE] for result in behind} <= {check}
    assert {"BS-4", "CL-1", "AC-9"} <= {result.check for result in behind}


@pytest.mark.parametrize(
    ("said", "check"),
    [
        ("the agent refused 'hello': cannot make ...: [Errno 28] No space left on device", "AC-4"),
        ("the agent refused 'hello': cannot make ...: [Errno 122] Disk quota exceeded", "AC-5"),
    ],
)
def test_a_full_spool_is_told_from_one_that_may_not_be_written(said: str, check: str) -> None:
    facts = stopped(Step.SPOOL, said)
    assert bad(facts) == {check: FAIL}
    assert {result.data.get(BECAUSE) for result in report(facts) if result.verdict is SKIPPED} == {check}


LATE = Rehearsal(taken=True, said="Job 7 to start", starts_at=30 * 86400.0)
FAULTS: dict[str, tuple[Facts, str, Verdict]] = {
    "key that others read": (replace(WELL, approaches=(replace(WAY, key_mode=0o644),)), "SSH-8", WARN),
    "noise": (replace(WELL, approaches=(replace(WAY, noise="Hello", noise_size=6),)), "SSH-9", WARN),
    "slow": (replace(WELL, approaches=(replace(WAY, seconds={Step.SHELL: 12.0}),)), "SSH-11", WARN),
    "old system": (seen(os={"ID": "centos", "VERSION_ID": "7"}), "OS-1", WARN),
    "clock": (at_login(clock_offset_s=3600.0), "OS-4", WARN),
    "locale": (seen(locale_problem="unsupported locale setting"), "OS-5", WARN),
    "few files": (seen(open_files=64), "OS-6", WARN),
    "few processes": (seen(tasks=20), "OS-6", WARN),
    "busy": (seen(load=80.0), "OS-8", WARN),
    "home noexec": (seen(home_runs=False), "AC-3", WARN),
    "root": (seen(uid=0), "AC-1", WARN),
    "administrator": (seen(groups=("osg", "wheel")), "AC-1", WARN),
    "home": (at_login(home=Folder("/home/osg01", writable=False)), "AC-3", WARN),
    "little room": (at_login(spool=replace(SPOOL, free_bytes=2**30)), "AC-4", WARN),
    "no room": (at_login(spool=replace(SPOOL, free_inodes=10)), "AC-4", FAIL),
    "quota": (at_login(quotas=(Quota("/home", 100, 100, 1, None),)), "AC-5", FAIL),
    "noexec": (seen(spool_runs=False), "AC-7", WARN),
    "open folder": (seen(open_to_others=("/home/osg01 (drwxrwxrwx)",)), "AC-8", WARN),
    "umask": (seen(umask=0), "AC-8", WARN),
    "leftovers": (replace(WELL, strangers=Strangers(folders=("hqaaaaaaaaaaaaa",))), "AC-9", WARN),
    "no sbatch": (at_login(tools={"sbatch": None}), "BS-3", FAIL),
    "controller away": (
        known(listed=Listed(Listing((), complete=False, problem="no contact"), 0.1)), "CL-1", FAIL,
    ),
    "slow controller": (known(listed=Listed(Listing((), complete=True), 9.0)), "CL-2", WARN),
    "records away": (at_batch(records=Records.AWAY, unknown={"records": "slurmdbd"}), "CL-3", WARN),
    "no records": (at_batch(records=Records.OFF), "CL-3", WARN),
    "odd site": (at_batch(problems=("no parallel environment smp",)), "BS-1", FAIL),
    "no association": (at_batch(accounts=(), problems=("the account has no association",)), "BS-8", FAIL),
    "wrong account": (replace(asking(account="chem"), known=at_batch(accounts=("osg",)).known), "BS-8", FAIL),
    "wrong queue": (asking(queue="ogs"), "BS-2", FAIL),
    "closed": (at_batch(queues=(Queue("osg", open=False, usable=True, why="State=DOWN"),)), "BS-6", FAIL),
    "not for us": (at_batch(queues=(Queue("osg", open=True, usable=False),)), "BS-6", FAIL),
    "nodes down": (known(condition=Condition((), {"osg": Nodes(2, 0, {"down*": 2})}, 120)), "BS-10", FAIL),
    "many down": (known(condition=Condition((), {"osg": Nodes(9, 2, {"drained": 7})}, 120)), "BS-10", WARN),
    "walltime": (asking(walltime_s=864_000), "BS-7", FAIL),
    "refused": (known(rehearsals={"main": Rehearsal(taken=False, said="filtered")}), "BS-4", FAIL),
    "starts late": (known(rehearsals={"main": LATE}, asked_at=1.0), "BS-4", WARN),
    "few jobs": (at_batch(most_jobs=10), "BS-5", WARN),
    "other jobs": (known(condition=Condition(("bash",), {"osg": Nodes(1, 1)}, 120)), "BS-9", WARN),
    "another CE": (replace(WELL, strangers=Strangers(jobs=("hqaaaaaaaaaaaaa",))), "BS-9", WARN),
    "hasty kill": (known(condition=Condition((), {"osg": Nodes(1, 1)}, 5)), "WN-4", WARN),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_by_its_check_and_by_no_other(fault: str) -> None:
    facts, check, verdict = FAULTS[fault]
    assert bad(facts) == {check: verdict}


def test_a_short_memory_without_records_costs_two_checks() -> None:
    assert bad(at_batch(records=Records.OFF, remembers_s=10)) == {"CL-3": WARN, "CL-4": WARN}


def test_a_fault_of_one_route_leaves_the_other() -> None:
    two = asking(queue="ogs").wanted.routes[0]
    facts = replace(
        WELL, wanted=replace(WELL.wanted, routes=(*WELL.wanted.routes, replace(two, route="typo")))
    )
    verdicts = {(each.check, each.where): each.verdict for each in report(facts)}
    assert (verdicts["BS-2", "main"], verdicts["BS-2", "typo"]) == (PASS, FAIL)
    assert (verdicts["BS-6", "main"], verdicts["BS-6", "typo"]) == (PASS, SKIPPED)


def test_noexec_does_not_matter_where_pilots_run_elsewhere() -> None:
    assert bad(replace(seen(spool_runs=False), has_scratch=True)) == {}


def test_what_is_not_known_is_skipped_with_its_reason() -> None:
    facts = known(
        look="the look around the login node: Traceback", condition=Condition(unknown={"nodes": "sinfo"})
    )
    skipped = {each.check: each.seen for each in report(facts) if each.verdict is SKIPPED}
    assert "Traceback" in skipped["OS-1"]
    assert "sinfo" in skipped["BS-10"]
    assert bad(facts) == {}


def test_of_a_ce_beside_the_batch_system_nothing_is_said_about_ssh() -> None:
    facts = replace(WELL, approaches=(replace(WAY, login="this machine", local=True),))
    checks = {result.check for result in report(facts, local=True)}
    assert not any(check.startswith("SSH-") and check != "SSH-6" for check in checks)
    assert "OS-3" in checks


def test_what_is_known_in_the_middle_of_an_examination_is_judged() -> None:
    facts = replace(WELL, known=Examination(KNOWN.login))
    assert {each.verdict for each in report(facts)} == {PASS, SKIPPED}
    assert bad(replace(WELL, known=Examination())) == {}


def test_one_of_two_login_nodes_is_down() -> None:
    down = replace(WAY, login="login2:22", failed=Step.CONNECT, said="refused")
    results = report(replace(WELL, approaches=(down, WAY)))
    assert {(each.check, each.where) for each in results if each.verdict is FAIL} == {("SSH-2", "login2:22")}
    assert {each.where for each in results if each.verdict is SKIPPED} == {"login2:22"}


@pytest.mark.parametrize(
    ("os", "verdict"),
    [
        ({"ID": "rocky", "VERSION_ID": "8.9"}, PASS),
        ({"ID": "debian", "VERSION_ID": "12"}, PASS),
        ({"ID": "ubuntu", "VERSION_ID": "20.04"}, WARN),
        ({"ID": "navylinux", "ID_LIKE": "rhel fedora", "VERSION_ID": "9.1"}, PASS),
        ({"ID": "centos", "VERSION_ID": "7"}, WARN),
        ({}, WARN),
    ],
)
def test_systems_that_are_supported(os: dict[str, str], verdict: Verdict) -> None:
    assert supported(os)[0] is verdict


def test_every_kind_of_finding_belongs_to_a_check() -> None:
    """By the sources: a finding without a check would end a run."""
    judges = ("batch_findings", "login_findings", "route_findings")
    source = "".join(inspect.getsource(import_module(f"hosted_ce.capabilities.{name}")) for name in judges)
    written = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)",', source))
    assert len(written) > 12
    assert written <= set(told.CHECK_OF)
    assert set(told.CHECK_OF.values()) <= set(CATALOGUE)


def test_what_is_asked_leaves_worker_nodes_to_others() -> None:
    assert {CATALOGUE[check].where for check in asked(local=False)} == {Where.LOGIN_NODE, Where.BATCH_SYSTEM}
