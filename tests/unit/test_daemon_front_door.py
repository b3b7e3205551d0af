"""How the front door's trouble is told."""

from __future__ import annotations

from hosted_ce.daemon.front_door.door import problem_of
from hosted_ce.intake.condor.status import DoorStatus


def test_without_contact_the_problem_says_what_to_do() -> None:
    status = DoorStatus()
    assert problem_of(status) is None
    status.ill(10, "the schedd does not answer")
    said = problem_of(status)
    assert said
    assert said.startswith("the schedd does not answer; ")
    assert "`hosted-ce front-door check`" in said


def test_in_contact_the_problem_is_what_keeps_jobs_waiting() -> None:
    status = DoorStatus()
    status.well(10, "a job waits")
    assert problem_of(status) == "a job waits"
    status.well(20, None)
    assert problem_of(status) is None
