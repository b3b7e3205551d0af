"""What the queue is told: facts first, the status under a guard, and the job given back last of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hosted_ce.intake.condor.edits import Edit, Value, grouped
from hosted_ce.intake.condor.job import QueuedJob
from hosted_ce.intake.condor.report import reported, wanted_status
from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.holds import HoldCause
from hosted_ce.pilots.pilot import Outcome, Pilot
from hosted_ce.pilots.states import FINAL, Goal, Stage, State
from tests.fakes.classads import evaluate
from tests.unit.intake.makers import NOW, attempt, job, over, pilot, running


def edits(made: QueuedJob, of: Pilot) -> list[Edit]:
    return [edit for edit in reported(made, of, "LAB", NOW) if not edit.attribute.startswith("Chirp")]


def told(made: QueuedJob, of: Pilot) -> dict[str, Value]:
    return {edit.attribute: edit.value for edit in edits(made, of)}


def told_of(made: QueuedJob, of: Pilot, ad: Mapping[str, Any]) -> dict[str, Value]:
    """What is told a job that is really like this."""
    now: dict[str, Any] = {"ClusterId": 14, "ProcId": 0, **ad}
    for call in grouped(edits(made, of)):
        if evaluate(call.constraint, now) is True:
            now[call.attribute] = evaluate(call.value, {})
    return {name: value for name, value in now.items() if name not in {"ClusterId", "ProcId"}}


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (pilot(State.IDLE, Stage.WAITING, attempt=None), 1),
        (pilot(State.IDLE, Stage.SUBMITTING), 1),
        (pilot(State.UNKNOWN, Stage.DOUBTFUL), 1),
        (pilot(), 1),
        (running(), 2),
        (running(stage=Stage.ENDED), 2),
        (running(goal=Goal.HOLD), 2),
        (running(goal=Goal.REMOVE), 2),
        (running(goal=Goal.RESTART), 1),
        (pilot(State.HELD, Stage.DONE), 5),
        (over(State.COMPLETED), 4),
        (over(State.REMOVED), 4),
        (pilot(State.REMOVED, Stage.DONE), 4),  # cancelled by the site in its queue: no reason to hold
        (pilot(State.REMOVED, Stage.DONE, goal=Goal.REMOVE), 5),
        (pilot(State.REMOVED, Stage.DONE, goal=Goal.REMOVE, attempt=None), 5),
        (over(State.LOST), 5),
    ],
)
def test_the_status_of_each_state(one: Pilot, status: int) -> None:
    assert wanted_status(one).value == status


def test_a_pilot_that_runs() -> None:
    assert told(job(), running()) == {
        "JobStartDate": NOW - 50, "JobCurrentStartDate": NOW - 50, "JobLastStartDate": NOW - 50,
        "JobCurrentStartExecutingDate": NOW - 50, "NumJobStarts": 1, "JobRunCount": 1,
        "EnteredCurrentStatus": NOW, "JobStatus": 2, "HostedCEStatus": 2, "HostedCEHolds": 0,
    }  # fmt: skip


def test_a_pilot_that_the_site_put_back_to_its_queue() -> None:
    assert told(job(JobStatus=2), pilot()) == {
        "EnteredCurrentStatus": NOW, "JobStatus": 1, "HostedCEStatus": 1, "HostedCEHolds": 0,
    }  # fmt: skip


def test_an_end_is_told_in_an_order_that_says_nothing_false() -> None:
    names = [call.attribute for call in grouped(edits(job(JobStatus=2), over(exit_code=7)))]
    assert names[-5:] == ["JobStatus", "HostedCEStatus", "HostedCEHolds", "JobFinishedHookDone", "Managed"]
    assert {"ExitCode", "ExitBySignal", "CompletionDate", "RemoteWallClockTime"} < set(names[:-5])


def test_an_end_with_all_that_it_used() -> None:
    ended = over(
        exit_code=7, user_cpu_s=30.5, system_cpu_s=1.5, peak_memory_mb=900,
        granted={"cpus": 4, "memory_mb": 2000},
    )  # fmt: skip
    found = told(job(JobStatus=2), ended)
    assert (found["ExitCode"], found["ExitBySignal"], found["ExitStatus"]) == (7, False, 7)
    assert (found["CompletionDate"], found["RemoteWallClockTime"]) == (NOW - 10, 40.0)
    assert (found["RemoteUserCpu"], found["RemoteSysCpu"]) == (30.5, 1.5)
    assert (found["MemoryUsage"], found["ResidentSetSize"]) == (900, 900 * 1024)
    assert (found["CpusProvisioned"], found["MemoryProvisioned"]) == (4, 2000)
    assert (found["JobStatus"], found["Managed"]) == (4, "ScheddDone")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"exit_code": 0}, {"ExitBySignal": False, "ExitCode": 0, "ExitStatus": 0}),
        ({"exit_code": 143}, {"ExitBySignal": False, "ExitCode": 143, "ExitStatus": 143}),
        ({"exit_code": 0, "exit_signal": 9}, {"ExitBySignal": True, "ExitSignal": 9}),
        ({"outcome": Outcome.NODE_FAILURE}, {"ExitBySignal": True, "ExitSignal": 9}),
        ({"outcome": Outcome.WALLTIME}, {"ExitBySignal": True, "ExitSignal": 9}),
        ({"outcome": Outcome.PREEMPTED}, {"ExitBySignal": True, "ExitSignal": 9}),
        ({"outcome": Outcome.CANCELLED}, {"ExitBySignal": True, "ExitSignal": 15}),
        ({"outcome": Outcome.WALLTIME, "exit_signal": 15}, {"ExitBySignal": True, "ExitSignal": 15}),
        ({"outcome": Outcome.WALLTIME, "exit_code": 0}, {"ExitBySignal": False, "ExitCode": 0}),
    ],
)  # fmt: skip
def test_no_pilot_that_was_ended_is_said_to_have_exited_well(
    changed: dict[str, Any], expected: dict[str, Value]
) -> None:
    found = told(job(JobStatus=2), over(**changed))
    assert {name: found[name] for name in expected} == expected
    assert found["ExitBySignal"] is False or "ExitCode" not in found


def test_a_pilot_that_ended_before_it_was_seen_running_has_its_start_all_the_same() -> None:
    assert told(job(), over(exit_code=0))["JobStartDate"] == NOW - 50


@pytest.mark.parametrize(
    ("one", "numbers", "words"),
    [
        (pilot(State.HELD, Stage.DONE, hold_cause=HoldCause.REFUSED, reason="no"), 3, "submit: no"),
        (pilot(State.HELD, Stage.DONE, hold_cause=HoldCause.NO_ROUTE, reason="no"), 2, "route: no"),
        (pilot(State.HELD, Stage.DONE, reason="busy"), 1, "hold: busy"),
        (replace(over(State.LOST), reason="vanished"), 6, "lost: vanished"),
        (pilot(State.REMOVED, Stage.DONE, goal=Goal.REMOVE, reason="unwanted"), 7, "removed: unwanted"),
    ],
)  # fmt: skip
def test_why_it_is_held(one: Pilot, numbers: int, words: str) -> None:
    found = told(job(), one)
    assert (found["HoldReason"], found["JobStatus"]) == (f"HostedCE[LAB] {words}", 5)
    assert (found["HoldReasonCode"], found["HoldReasonSubCode"]) == (9619, numbers)
    assert "Managed" not in found


def test_a_hold_that_was_cut_short_gets_its_code() -> None:
    held = pilot(State.HELD, Stage.DONE)
    assert told(job(JobStatus=5), held)["HoldReasonCode"] == 9619
    assert "HoldReasonCode" not in told(job(JobStatus=5, HoldReasonCode=1), held)


STATES = (pilot(), running(), pilot(State.HELD, Stage.DONE), *(over(state, exit_code=0) for state in FINAL))


@pytest.mark.parametrize("one", STATES)
@pytest.mark.parametrize("status", [1, 2])
@pytest.mark.parametrize("real", [{"JobStatus": 5, "NumHolds": 1}, {"JobStatus": 3}, {"NumHolds": 1}])
def test_what_the_factory_has_just_asked_for_is_never_overwritten(
    one: Pilot, status: int, real: dict[str, Any]
) -> None:
    ad = {"JobStatus": status, "Managed": "External", "HoldReasonCode": 1, **real}
    found = told_of(job(JobStatus=status), one, ad)
    for name in ("JobStatus", "Managed", "HoldReasonCode", "NumHolds", "JobFinishedHookDone", "HoldReason"):
        assert found.get(name) == ad.get(name)


@pytest.mark.parametrize("one", STATES)
@pytest.mark.parametrize("real", [{"JobStatus": 5, "NumHolds": 1}, {"JobStatus": 3}, {"NumHolds": 1}])
def test_and_it_is_seen_by_the_next_query(one: Pilot, real: dict[str, Any]) -> None:
    ad = {"JobStatus": 1, "Managed": "External", "ManagedManager": "hosted_ce", **real}
    found = told_of(job(JobStatus=1), one, ad)
    from hosted_ce.intake.condor.attributes import CHANGED

    assert found["JobStatus"] == found["HostedCEStatus"] == 5 or evaluate(CHANGED, found) is True


@pytest.mark.parametrize("one", STATES)
@pytest.mark.parametrize("status", [1, 2, 3, 5])
def test_what_was_told_is_not_told_again(one: Pilot, status: int) -> None:
    ad = {"JobStatus": status, "Managed": "External"}
    after = told_of(job(JobStatus=status), one, ad)
    again = edits(job(**after), one)
    assert not again, again


def test_a_removed_job_is_given_back_when_its_batch_job_is_gone_and_not_before() -> None:
    removed = job(JobStatus=3)
    assert "Managed" not in told(removed, running(goal=Goal.REMOVE))
    assert "Managed" not in told(removed, running(goal=Goal.REMOVE, stage=Stage.ENDED))
    assert told(removed, over(State.REMOVED))["Managed"] == "ScheddDone"


def test_a_job_that_somebody_else_called_completed_is_not_given_back_before_its_end() -> None:
    called = job(JobStatus=4)
    assert "Managed" not in told(called, running())
    assert told(called, over(State.REMOVED))["Managed"] == "ScheddDone"


@pytest.mark.parametrize("status", [3, 4])
def test_a_job_that_was_given_back_is_left_alone(status: int) -> None:
    given_back = job(JobStatus=status, Managed="ScheddDone", HostedCEStatus=status, HostedCEHolds=0)
    assert edits(given_back, over(State.COMPLETED)) == []


def test_while_a_release_is_not_dealt_with_nothing_is_moved() -> None:
    found = told(job(NumHolds=1), running())
    assert found == {"HostedCEStatus": 1, "HostedCEHolds": 0}


def test_people_at_the_factory_see_where_their_pilot_is() -> None:
    seen = running(
        attempt=attempt(
            started_at=NOW, node="node-7", site_state="RUNNING", granted={"cpus": 16, "memory_mb": 8000}
        ),
        reason="runs on\n node-7",
    )
    shown = {e.attribute: e.value for e in reported(job(), seen, "LAB", NOW) if "Chirp" in e.attribute}
    assert shown == {
        "ChirpHostedCEPilot": 7, "ChirpHostedCEState": "running (RUNNING)", "ChirpHostedCEAttempt": 1,
        "ChirpHostedCEReason": "runs on node-7", "ChirpHostedCERoute": "all", "ChirpHostedCEBatchId": "4711",
        "ChirpHostedCENode": "node-7", "ChirpHostedCEEnd": "", "ChirpHostedCEEndClass": "",
        "ChirpHostedCERequested": "cpus 8, memory 4000 MB, walltime 3600 s, queue osg",
        "ChirpHostedCEGranted": "cpus 16, memory 8000 MB",
    }  # fmt: skip


def test_they_see_how_it_ended_once_it_is_over() -> None:
    ended = attempt(outcome=Outcome.EXITED, outcome_class=EndClass.NO_CVMFS)
    over_now, waits = pilot(State.COMPLETED, Stage.DONE), pilot(State.IDLE, Stage.WAITING)
    for now in (replace(over_now, attempt=ended), replace(waits, attempt=ended)):
        shown = {e.attribute: e.value for e in reported(job(), now, "LAB", NOW)}
        seen = (shown["ChirpHostedCEEnd"], shown["ChirpHostedCEEndClass"])
        assert seen == (("exited", "no_cvmfs") if now.stage is Stage.DONE else ("", ""))


def test_they_do_not_see_the_last_attempt_s_node() -> None:
    waiting = pilot(State.IDLE, Stage.WAITING, attempt=attempt(number=2, batch_id=None))
    shown = {e.attribute: e.value for e in reported(job(), waiting, "LAB", NOW)}
    assert (shown["ChirpHostedCENode"], shown["ChirpHostedCEBatchId"]) == ("", "")


def test_long_words_are_cut() -> None:
    shown = {e.attribute: e.value for e in reported(job(), pilot(reason="x" * 999), "LAB", NOW)}
    assert str(shown["ChirpHostedCEReason"]) == "x" * 199 + "…"
