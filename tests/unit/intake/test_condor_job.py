"""Jobs of the queue: read from ads that their owners may have edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.intake.condor.attributes import ATTENTION, CHANGED, CLAIMED, NEW, OURS, UNCLAIMED
from hosted_ce.intake.condor.job import JobStatus, StrangeAd, base_name, queued_jobs
from tests.fakes.classads import evaluate
from tests.unit.intake.makers import FOLDER, KEY, NOW, ad, job


def test_a_job_as_a_schedd_makes_it() -> None:
    made = job(NumHolds=2, HoldReason="why", HostedCEStatus=1, HostedCEHolds=2)
    assert (made.id, made.key, made.status, made.holds) == ("14.0", KEY, JobStatus.IDLE, 2)
    assert (made.folder, made.outputs) == (Path(FOLDER), ("_condor_stdout", "_condor_stderr"))
    assert (made.managed, made.status_since, made.queued_at) == ("External", NOW, NOW)
    assert (made.reason, made.dealt_with, made.hold_code) == ("why", (1, 2), None)


def test_the_reason_of_a_removal_is_not_that_of_a_hold_before() -> None:
    reasons = {"HoldReason": "held", "RemoveReason": "removed"}
    assert job(JobStatus=3, **reasons).reason == "removed"
    assert job(JobStatus=5, **reasons).reason == "held"


@pytest.mark.parametrize("status", [0, 8, 17, -1, "x", None, 2.5, [], {}])
def test_a_status_that_there_is_not_is_as_good_as_held(status: Any) -> None:
    assert job(JobStatus=status).status is JobStatus.HELD


@pytest.mark.parametrize("value", ["abc", None, float("nan"), float("inf"), [], "7"])
def test_numbers_that_are_none_are_nothing(value: Any) -> None:
    strange = job(NumHolds=value, EnteredCurrentStatus=value, QDate=value)
    assert (strange.holds, strange.status_since, strange.queued_at) == (0, 0.0, 0.0)


@pytest.mark.parametrize("key", ["ce.test#15.0#1", "x", "", None, 5, "14.0"])
def test_another_job_s_key_makes_a_strange_ad(key: Any) -> None:
    with pytest.raises(StrangeAd, match="GlobalJobId"):
        job(GlobalJobId=key)
    assert [j.key for j in queued_jobs([ad(GlobalJobId=key), ad()])] == [KEY]


@pytest.mark.parametrize(
    "path",
    ["/etc", "/spool/14/0/cluster15.proc0.subproc0", "/spool/14/0/cluster14.proc1.subproc0", "", None, 5,
     "spool/14/0/cluster14.proc0.subproc0", "/spool/../14/0/cluster14.proc0.subproc0",
     "/spool/14/0/cluster14.proc0.subproc0/..", "/cluster14.proc0.subproc0"],
)  # fmt: skip
def test_a_folder_that_is_not_the_job_s_own_in_a_spool_is_none(path: Any) -> None:
    assert job(Iwd=path).folder is None


def test_the_spool_s_folders_count_to_ten_thousand() -> None:
    spooled = "/spool/4321/0/cluster54321.proc0.subproc0"
    made = job(ClusterId=54321, Iwd=spooled, GlobalJobId="ce#54321.0#1")
    assert made.folder == Path(spooled)


@pytest.mark.parametrize(
    ("path", "name"),
    [("/a/b", "b"), ("b", "b"), ("/dev/null", None), ("", None), ("/a/", None), ("..", None), ("a/..", None),
     (".", None), (None, None), (5, None)],
)  # fmt: skip
def test_base_names(path: object, name: str | None) -> None:
    assert base_name(path) == name


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


@given(st.fixed_dictionaries({name: values for name in ad() if name not in {"ClusterId", "ProcId"}}))
def test_no_ad_ends_the_door(strange: dict[str, Any]) -> None:
    for found in queued_jobs([{"ClusterId": 14, "ProcId": 0, **strange}]):
        assert found.id == "14.0"
        assert evaluate(found.unchanged, {}) is None
        assert evaluate(found.lasting, strange) is True


@pytest.mark.parametrize("holds", [None, 0, 3])
@pytest.mark.parametrize("status", [1, 2, 5])
def test_a_readable_job_is_removed_under_the_strict_guard(status: int, holds: int | None) -> None:
    made = job(JobStatus=status, NumHolds=holds)
    assert made.lasting == made.unchanged
    assert not evaluate(made.lasting, {"JobStatus": status, "NumHolds": (holds or 0) + 1})
    assert not evaluate(made.lasting, {"JobStatus": 3, "NumHolds": holds})


@pytest.mark.parametrize("holds", ["abc", -1, 2**31, 1.5, True, []])
def test_an_unreadable_count_lasts_until_somebody_holds_the_job(holds: object) -> None:
    guard = job(NumHolds=holds).lasting
    assert evaluate(guard, {"JobStatus": 1, "NumHolds": holds}) is True
    assert evaluate(guard, {"JobStatus": 1, "NumHolds": 1}) is False
    assert evaluate(guard, {"JobStatus": 5, "NumHolds": holds}) is False


@pytest.mark.parametrize("status", [17, 0, "x", 2.5, None])
def test_an_unreadable_status_lasts_until_somebody_changes_it(status: object) -> None:
    guard = job(JobStatus=status, NumHolds=2).lasting
    assert evaluate(guard, {"JobStatus": status, "NumHolds": 2}) is True
    assert evaluate(guard, {"JobStatus": status, "NumHolds": 3}) is False
    assert not any(evaluate(guard, {"JobStatus": known.value, "NumHolds": 2}) for known in JobStatus)


@pytest.mark.parametrize(
    ("attributes", "selected"),
    [
        ({"Managed": None, "StageInFinish": 5}, {UNCLAIMED}),
        ({"Managed": None, "StageInFinish": 5, "JobStatus": 5, "HoldReasonCode": 1}, {UNCLAIMED}),
        ({"Managed": None, "StageInFinish": 5, "JobStatus": 5, "HoldReasonCode": 16}, set()),
        ({"Managed": None, "StageInFinish": 5, "JobStatus": 3}, set()),
        ({"Managed": None, "StageInFinish": 0}, set()),
        ({"Managed": None, "StageInFinish": 5, "JobUniverse": 9}, set()),
        ({"Managed": None, "StageInFinish": 5, "ManagedManager": "hosted_ce"}, {UNCLAIMED, OURS}),
        ({"StageInFinish": 5}, set()),
        ({"ManagedManager": "hosted_ce"}, {OURS, CLAIMED, NEW, CHANGED}),
        ({"ManagedManager": "hosted_ce", "Managed": "ScheddDone"}, {OURS}),
        ({"ManagedManager": "hosted_ce", "HostedCEStatus": 1}, {OURS, CLAIMED}),
        ({"ManagedManager": "hosted_ce", "HostedCEStatus": 1, "HostedCEHolds": 0}, {OURS, CLAIMED}),
        ({"ManagedManager": "hosted_ce", "HostedCEStatus": 1, "NumHolds": 1}, {OURS, CLAIMED, CHANGED}),
        (
            {"ManagedManager": "hosted_ce", "HostedCEStatus": 1, "HostedCEHolds": 1, "NumHolds": 1},
            {OURS, CLAIMED},
        ),
        ({"ManagedManager": "hosted_ce", "HostedCEStatus": 1, "JobStatus": 3}, {OURS, CLAIMED, CHANGED}),
        (
            {"ManagedManager": "hosted_ce", "HostedCEStatus": 5, "JobStatus": 5, "NumHolds": 1},
            {OURS, CLAIMED},
        ),
        ({"ManagedManager": "somebody else"}, set()),
    ],
)
def test_what_the_constraints_select(attributes: dict[str, Any], selected: set[str]) -> None:
    made = ad(JobUniverse=5, **attributes) if "JobUniverse" not in attributes else ad(**attributes)
    constraints = {UNCLAIMED, OURS, CLAIMED, NEW, CHANGED}
    assert {each for each in constraints if evaluate(each, made) is True} == selected
    assert (evaluate(ATTENTION, made) is True) == bool(selected & {UNCLAIMED, CHANGED})
