"""What Torque 6.1.3 says while a node is away, after that, and where its prologue fails."""

from __future__ import annotations

import pytest
from pbs_recordings import TORQUE, answer, of_ours

from bosco.batch.facts import NodeShape
from bosco.batch.model import Cause, Observation, Phase
from bosco.batch.pbs.codec import Pbs
from bosco.batch.pbs.nodes import shapes
from bosco.batch.pbs.probe import SERVER, VERSION
from tests.fakes.dialogue import told

CODEC = Pbs("torque")


def job(number: int, nth: int = 0) -> Observation:
    listing = told(
        CODEC.listing("pbsuser"), of_ours(answer(TORQUE, f"qstat -f -1 {number}.torque1", nth + FROM[number]))
    )
    assert listing.complete, listing.problem
    (found,) = listing.observations
    return found


FROM = {1: 0, 3: 1, 4: 0, 5: 0, 6: 0}
"""How often the older recordings ask for a job of this number in the same words."""


def test_a_job_on_a_node_that_is_away_runs_on() -> None:
    assert (job(1).phase, job(1).assumed) == (Phase.RUNNING, False)


def test_exit_status_0_of_a_job_that_was_killed_while_its_pbs_mom_was_away_is_only_assumed() -> None:
    ended = job(1, 1)
    assert (ended.phase, ended.exit_code, ended.assumed) == (Phase.ENDED, 0, True)


def test_a_job_that_cannot_be_started_waits_and_says_how_often_it_was_tried() -> None:
    waits = job(3)
    assert (waits.phase, waits.node) == (Phase.PENDING, None)
    assert (waits.reason or "").startswith("could not be started, ")
    assert "(exit_status = -14)" in (waits.reason or "")


def test_it_was_never_started_when_it_is_deleted() -> None:
    assert (job(3, 1).phase, job(3, 1).cause) == (Phase.ENDED, Cause.NOT_STARTED)


@pytest.mark.parametrize(
    ("number", "code", "cause"),
    [(4, None, Cause.NOT_STARTED), (5, 1, Cause.EXITED), (6, None, Cause.WALLTIME)],
)
def test_ends_that_pbs_mom_saw(number: int, code: int | None, cause: Cause) -> None:
    """A prologue that says no; a program whose memory ran out, which is its own to tell; walltime."""
    ended = job(number)
    assert (ended.exit_code, ended.cause, ended.assumed) == (code, cause, False)


def test_ranges_of_cores_and_a_node_that_is_down() -> None:
    assert shapes(answer(TORQUE, "pbsnodes -a").stdout.decode()) == (
        NodeShape(None, 1, 8, 24106, 0, 6),
        NodeShape(None, 1, 8, None, 0, 0),
    )


def test_how_long_it_remembers_what_has_ended() -> None:
    asked = {VERSION: "qstat --version", SERVER: "qstat -B -f"}
    answers = [answer(TORQUE, command) for command in (*asked.values(), "qstat -Q -f", "pbsnodes -a")]
    found = told(CODEC.probe("pbsuser"), *answers)
    assert (found.name, found.version, found.remembers_s) == ("Torque", "6.1.3.h5", 300)
