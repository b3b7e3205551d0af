"""How the door is doing."""

from __future__ import annotations

from hosted_ce.intake.condor.status import DoorStatus


def test_contact_has_a_beginning_and_an_end() -> None:
    status = DoorStatus()
    assert (status.in_contact, status.since) == (None, None)
    status.well(10, None)
    status.well(20, "a job waits")
    assert (status.in_contact, status.since, status.looked_at) == (True, 10, 20)
    assert status.problem == "a job waits"
    status.ill(30, "no answer")
    status.ill(40, "no answer still")
    assert (status.in_contact, status.since, status.looked_at) == (False, 30, 20)
    assert status.problem == "no answer still"
    status.well(50, None)
    assert (status.in_contact, status.since, status.problem) == (True, 50, None)
