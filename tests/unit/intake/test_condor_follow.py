"""What the queue asks of pilots: holds, releases, removals, counted by the schedd."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosted_ce.intake.condor.follow import followed
from hosted_ce.intake.condor.job import JobStatus
from hosted_ce.pilots.pilot import Change, Pilot
from hosted_ce.pilots.states import FINAL, Goal, Stage, State
from tests.unit.intake.makers import NOW, job, over, pilot, running

HELD = pilot(State.HELD, Stage.DONE, goal=Goal.HOLD)
WAITING = pilot(State.IDLE, Stage.WAITING, attempt=None)
ALL = (WAITING, pilot(), running(), HELD, *(over(state) for state in FINAL))


def change(found: Change | None) -> Change:
    assert found
    return found


@pytest.mark.parametrize("one", ALL)
@pytest.mark.parametrize("status", [JobStatus.IDLE, JobStatus.RUNNING])
def test_nobody_asks_for_anything(one: Pilot, status: JobStatus) -> None:
    assert followed(job(JobStatus=status.value), one, NOW) is None


@pytest.mark.parametrize("one", [over(state) for state in FINAL])
@pytest.mark.parametrize("status", [3, 4, 5, 6, 7])
def test_a_pilot_that_is_over_stays_as_it_is(one: Pilot, status: int) -> None:
    assert followed(job(JobStatus=status), one, NOW) is None


def test_a_removal_ends_a_pilot_with_the_factory_s_reason() -> None:
    removed = job(JobStatus=3, RemoveReason="by gridmanager")
    assert change(followed(removed, running(), NOW)).update == {
        "goal": Goal.REMOVE, "goal_reason": "by gridmanager", "reason": "to be removed: by gridmanager",
    }  # fmt: skip
    assert change(followed(removed, WAITING, NOW)).update["state"] is State.REMOVED
    assert change(followed(removed, HELD, NOW)).update["state"] is State.REMOVED


def test_a_hold_ends_the_attempt() -> None:
    held = job(JobStatus=5, NumHolds=1, HoldReason="by gridmanager")
    assert change(followed(held, running(), NOW)).update["goal"] is Goal.HOLD
    assert change(followed(held, WAITING, NOW)).update["state"] is State.HELD
    assert followed(held, HELD, NOW) is None
    assert followed(held, running(goal=Goal.HOLD), NOW) is None


def test_a_release_is_known_by_the_count_and_written_down_with_it() -> None:
    released = job(NumHolds=1)
    made = change(followed(released, HELD, NOW)).update
    assert (made["goal"], made["stage"], made["state"]) == (Goal.RUN, Stage.WAITING, State.IDLE)
    assert made["door_holds"] == 1
    made = change(followed(released, running(goal=Goal.HOLD), NOW)).update
    assert (made["goal"], made["door_holds"]) == (Goal.RESTART, 1)


@pytest.mark.parametrize("one", [pilot(), running(), pilot(State.UNKNOWN, Stage.DOUBTFUL)])
def test_held_and_released_before_anybody_looked_is_a_new_attempt(one: Pilot) -> None:
    found = change(followed(job(NumHolds=3), replace(one, door_holds=1), NOW))
    assert (found.update["goal"], found.update["door_holds"]) == (Goal.RESTART, 3)
    assert found.event
    assert found.event.what == "release_asked"


@pytest.mark.parametrize(
    "one", [WAITING, running(goal=Goal.RESTART), running(goal=Goal.REMOVE), *(over(state) for state in FINAL)]
)
def test_with_nothing_to_begin_anew_the_count_alone_is_written(one: Pilot) -> None:
    assert change(followed(job(NumHolds=1), one, NOW)).update == {"door_holds": 1}


@pytest.mark.parametrize("one", ALL)
def test_a_release_is_dealt_with_once(one: Pilot) -> None:
    released = job(NumHolds=1)
    made = change(followed(released, one, NOW))
    assert followed(released, replace(one, **made.update), NOW) is None


def test_a_count_that_somebody_made_smaller_is_believed_and_begins_nothing() -> None:
    assert change(followed(job(NumHolds=1), replace(running(), door_holds=5), NOW)).update == {
        "door_holds": 1
    }


def test_held_again_while_the_last_attempt_is_still_ending() -> None:
    held = job(JobStatus=5, NumHolds=2)
    assert change(followed(held, running(goal=Goal.RESTART, door_holds=1), NOW)).update["goal"] is Goal.HOLD


def test_a_job_that_somebody_else_called_completed_has_its_batch_job_ended() -> None:
    found = change(followed(job(JobStatus=4), running(), NOW))
    assert found.update["goal"] is Goal.REMOVE


@pytest.mark.parametrize("status", [6, 7])
def test_other_statuses_ask_for_nothing(status: int) -> None:
    assert followed(job(JobStatus=status, NumHolds=1), running(), NOW) is None
