"""Slurm's words for a job that waits until a person releases it."""

from __future__ import annotations

import pytest

from bosco.batch.model import Phase
from bosco.batch.slurm.states import cause_of, phase_of


@pytest.mark.parametrize(
    "reason",
    [
        "JobHeldUser", "JobHeldAdmin", "JobHoldMaxRequeue", "job requeued in held state",
        "launch failed requeued held", "launch_failed_requeued_held",
        "user env retrieval failed requeued held",
    ],
)  # fmt: skip
def test_SL10_a_job_that_was_put_back_and_held_is_held(reason: str) -> None:
    assert phase_of("PENDING", reason) is Phase.HELD
    assert phase_of("RUNNING", reason) is Phase.RUNNING, "a reason of the time before"


@pytest.mark.parametrize("reason", ["", "None", "Priority", "Resources", "BeginTime", "AssocGrpHeldJobs"])
def test_SL10_a_job_that_waits_otherwise_is_not(reason: str) -> None:
    assert phase_of("PENDING", reason) is Phase.PENDING


def test_SL11_a_state_that_nobody_knows_is_no_end() -> None:
    assert (phase_of("RUNNING_BACKWARDS"), cause_of("RUNNING_BACKWARDS")) == (Phase.UNKNOWN, None)
    assert (phase_of("CANCELLED by 0"), cause_of("CANCELLED by 0") is None) == (Phase.ENDED, False)
