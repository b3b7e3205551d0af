"""What the CE does by itself with jobs that nobody looks after."""

from __future__ import annotations

import pytest

from hosted_ce.intake.condor.policy import overdue, unroutable
from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.site.policy import Policy
from tests.unit.intake.makers import NOW, attempt, job, over, pilot, running

RULES = Policy()
HOUR, DAY = 3600, 86400


def waiting(**changed: object) -> Pilot:
    return pilot(State.IDLE, Stage.WAITING, attempt=None, reason="no route takes it: big: xcount", **changed)


def test_a_pilot_is_held_when_no_route_took_it_for_half_an_hour() -> None:
    why = unroutable(waiting(unroutable_since=NOW - 1800), RULES, NOW)
    assert why == "no route takes it: big: xcount (for 30 minutes)"


@pytest.mark.parametrize(
    "one",
    [
        waiting(unroutable_since=NOW - 1799),
        waiting(),
        waiting(unroutable_since=NOW - DAY, goal=Goal.REMOVE),
        waiting(unroutable_since=NOW - DAY, goal=Goal.HOLD),
        running(unroutable_since=NOW - DAY),
        pilot(State.HELD, Stage.DONE, unroutable_since=NOW - DAY),
    ],
)
def test_and_not_otherwise(one: Pilot) -> None:
    assert unroutable(one, RULES, NOW) is None


@pytest.mark.parametrize(
    ("status", "after", "words"),
    [
        (5, DAY, "it was held for 24 hours, and nobody released or removed it"),
        (4, 7 * DAY, "it completed 7 days ago, and nobody fetched its outputs"),
    ],
)
def test_jobs_that_are_as_they_are_for_too_long(status: int, after: int, words: str) -> None:
    for one in (None, pilot()):
        old = job(JobStatus=status, EnteredCurrentStatus=NOW - after)
        found = overdue(old, one, RULES, NOW)
        assert found
        assert found.reason == words
        young = job(JobStatus=status, EnteredCurrentStatus=NOW - after + 1, QDate=NOW - 99 * DAY)
        assert overdue(young, one, RULES, NOW) is None


def test_an_idle_job_counts_from_when_it_was_queued() -> None:
    old = job(QDate=NOW - 10 * DAY, EnteredCurrentStatus=NOW)
    for one in (None, pilot(), pilot(State.UNKNOWN, Stage.DOUBTFUL)):
        found = overdue(old, one, RULES, NOW)
        assert found
        assert found.reason == "it did not start within 10 days"
    for one in (running(), over(), over(State.LOST)):
        assert overdue(old, one, RULES, NOW) is None
    assert overdue(job(QDate=NOW - 10 * DAY + 1), None, RULES, NOW) is None


def test_a_pilot_that_runs_on_after_its_walltime_and_grace() -> None:
    late = running(attempt=attempt(started_at=NOW - 3600 - 12 * HOUR))
    found = overdue(job(JobStatus=2), late, RULES, NOW)
    assert found
    assert found.reason == "it still runs 12 hours after its walltime of 1 hour"
    in_time = running(attempt=attempt(started_at=NOW - 3600 - 12 * HOUR + 1))
    assert overdue(job(JobStatus=2), in_time, RULES, NOW) is None


@pytest.mark.parametrize("one", [None, pilot(), over(), running(attempt=None), running(attempt=attempt())])
def test_a_job_that_only_seems_to_run_is_left_alone(one: Pilot | None) -> None:
    assert overdue(job(JobStatus=2, QDate=1), one, RULES, NOW) is None


@pytest.mark.parametrize("status", [3, 6, 7])
def test_other_jobs_are_left_alone(status: int) -> None:
    assert overdue(job(JobStatus=status, EnteredCurrentStatus=1, QDate=1), pilot(), RULES, NOW) is None


def test_times_that_are_not_known_are_never_over() -> None:
    unknown = {"EnteredCurrentStatus": None, "QDate": None}
    for status in (1, 4, 5):
        assert overdue(job(JobStatus=status, **unknown), pilot(), RULES, NOW) is None
