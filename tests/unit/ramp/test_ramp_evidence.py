"""What is counted of a level's pilots, and what is not."""

from __future__ import annotations

import pytest

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.ramp.evidence import Evidence, Seen, evidence_of
from hosted_ce.ramp.rules import FAULTS, Rules
from hosted_ce.ramp.state import State

NOW = 1_770_000_000.0
RULES = Rules(2, 100, ran_for_s=600, queue_wait_s=3600)
LEVEL = State(8, NOW - 7200, after=10)


def attempt(
    id_: int = 11,
    *,
    waited: float = 60,
    ran: float | None = None,
    ended: EndClass | None = None,
    ago: float = 0,
) -> Seen:
    """Began, waited in the queue, and if `ran` is given started then; over so many seconds ago if `ended`."""
    over = NOW - ago if ended else None
    started = None if ran is None else (over or NOW) - ran
    submitted = (started if started is not None else NOW) - waited
    return Seen(id_, submitted, submitted, started, over, over, ended)


def seen(*attempts: Seen, looked_at: float | None = None) -> Evidence:
    return evidence_of(attempts, RULES, LEVEL, NOW, looked_at=looked_at)


def test_those_of_before_the_level_count_as_being_there_and_for_nothing_else() -> None:
    found = seen(attempt(10, ran=900), attempt(9, ran=60, ended=EndClass.NO_CVMFS))
    assert (found.at_site, found.settled) == (1, 1)
    assert (found.begun, found.started, found.proven, found.failures) == (0, 0, 0, 0)


def test_one_that_ran_for_long_enough_is_proven_while_it_runs() -> None:
    assert seen(attempt(ran=600)).proven == 1
    assert seen(attempt(ran=599)).proven == 0
    assert seen(attempt(ran=599)).started == 1


def test_one_that_never_starts_says_nothing_of_how_long_the_queue_is() -> None:
    found = seen(attempt(waited=9000), attempt(12, waited=9000)._replace(never=True))
    assert (found.queued, found.late, found.never) == (2, 1, 1)


def test_nobody_knows_that_it_ran_on_since_the_site_was_looked_at() -> None:
    assert seen(attempt(ran=900), looked_at=NOW - 400).proven == 0


@pytest.mark.parametrize("what", sorted(FAULTS - {EndClass.UNKNOWN}))
def test_ends_that_are_the_sites_fault_fail_however_long_it_ran(what: EndClass) -> None:
    found = seen(attempt(ran=5000, ended=what))
    assert found.failed == {what.value: 1}
    assert (found.proven, found.tried) == (0, 1)


@pytest.mark.parametrize(
    "what",
    [
        EndClass.NEVER_CLAIMED,
        EndClass.WALLTIME,
        EndClass.MEMORY,
        EndClass.PREEMPTED,
        EndClass.REMOVED_BY_FACTORY,
    ],
)
def test_ends_that_are_not_its_fault_prove_it_if_it_ran_for_long_enough(what: EndClass) -> None:
    short, long = seen(attempt(ran=30, ended=what)), seen(attempt(ran=700, ended=what))
    assert (short.proven, short.failures) == (0, 0)
    assert (long.proven, long.failures) == (1, 0)


def test_one_that_ended_well_is_proven_however_short_it_ran() -> None:
    assert seen(attempt(ran=5, ended=EndClass.NORMAL)).proven == 1


def test_an_end_that_nobody_can_explain_fails_if_it_came_soon() -> None:
    assert seen(attempt(ran=5, ended=EndClass.UNKNOWN)).failed == {"unknown": 1}
    assert seen(attempt(ran=700, ended=EndClass.UNKNOWN)).proven == 1


def test_one_whose_outputs_are_being_fetched_is_not_judged_yet_and_not_there_any_more() -> None:
    over = attempt(ran=700)._replace(ended_at=NOW)
    found = seen(over)
    assert (found.at_site, found.started, found.proven) == (0, 1, 0)


def test_what_ended_before_the_window_is_forgotten() -> None:
    failed = attempt(ran=5, ended=EndClass.NO_CVMFS, ago=RULES.window_s)
    assert seen(failed).begun == 0


def test_what_the_site_did_not_take_is_no_pilot_that_failed() -> None:
    refused = Seen(12, NOW - 50, closed_at=NOW - 49)
    assert seen(refused) == Evidence()


def test_one_that_could_not_start_fails_without_a_start() -> None:
    one = Seen(12, NOW - 50, NOW - 50, None, NOW - 5, NOW - 4, EndClass.NOT_STARTED)
    assert (seen(one).failures, seen(one).tried, seen(one).started) == (1, 1, 0)


def test_waits_are_told_of_those_that_started() -> None:
    found = seen(attempt(11, waited=100, ran=10), attempt(12, waited=300, ran=10), attempt(13, waited=9000))
    assert found.wait_s == 200
    assert found.queued == 1


def test_late_are_those_that_wait_for_too_long_and_those_that_did_until_of_late() -> None:
    assert seen(attempt(waited=3601)).late == 1
    assert seen(attempt(waited=3599)).late == 0
    assert seen(attempt(waited=4000, ran=3600)).late == 1
    assert seen(attempt(waited=4000, ran=3601)).late == 0


def test_an_attempt_that_is_not_submitted_yet_is_there_and_waits_for_nobody() -> None:
    found = seen(Seen(12, NOW - 9000))
    assert (found.at_site, found.begun, found.queued, found.late) == (1, 1, 0, 0)


@pytest.mark.parametrize("ahead", [-7200.0, 7200.0])
def test_a_sites_clock_that_is_off_gives_a_pilot_no_more_time_than_since_it_was_submitted(
    ahead: float,
) -> None:
    """Without a shared clock that is all that can be said: hosted_ce.checks tells of the clock."""
    one = attempt(waited=0, ran=300)
    assert one.started_at is not None
    off = one._replace(started_at=one.started_at + ahead)
    assert seen(off).proven == 0
    assert evidence_of([off], RULES, LEVEL, NOW + 301).proven == 1


def test_before_the_first_level_all_are_there_and_none_is_of_it() -> None:
    found = evidence_of([attempt(11, ran=900)], RULES, None, NOW, newest=11)
    assert (found.newest, found.at_site, found.begun) == (11, 1, 0)
