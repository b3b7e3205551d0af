"""What many changes add to the numbers that are kept, summed up before it is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Attempt, Change, NewAttempt, Outcome, Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.rollups.shares import Share, shares_of
from hosted_ce.store.contributions import Kind as Whose
from hosted_ce.store.contributions import contributed
from hosted_ce.store.endings import HOUR_S, Ended, Ending, endings_of
from hosted_ce.store.kinds import Kind, moves_of

NOW = 1_770_000_000.0
DAY = int(NOW // 86_400)
IDLE = Pilot(
    1, 1, State.IDLE, Stage.QUEUED, Goal.RUN, None, {}, "test", "tester", NOW, NOW, entry="E", vo="v"
)
ATTEMPT = Attempt(
    1, 1, 1, "h1", "r", "c", {"cpus": 4, "walltime_s": 3600}, NOW - 300, submitted_at=NOW - 290,
    started_at=NOW - 200, ended_at=NOW - 100,
)  # fmt: skip
RUNNING = replace(IDLE, state=State.RUNNING, attempt=ATTEMPT)
START, STOP = (
    Change(IDLE, {"state": State.RUNNING}),
    Change(replace(RUNNING, attempt=None), {"state": State.IDLE}),
)
IDLE_KIND, RUNNING_KIND = Kind.of(IDLE), Kind.of(IDLE)._replace(state="running")
changes = st.lists(
    st.builds(
        Change,
        st.sampled_from([IDLE, RUNNING, replace(RUNNING, vo="w"), replace(IDLE, state=State.HELD)]),
        st.sampled_from([{}, {"state": State.RUNNING}, {"state": State.IDLE}, {"vo": "w"}]),
        begin=st.sampled_from([None, None, NewAttempt("h2", "s", "c", {})]),
    )
)


def ended(code: int = 0, outcome: Outcome = Outcome.EXITED) -> Change:
    return Change(
        RUNNING, attempt={"closed_at": NOW, "outcome": outcome, "exit_code": code,
                          "outcome_class": EndClass.NORMAL},
    )  # fmt: skip


def test_pilots_that_start_leave_one_kind_for_another() -> None:
    moves = moves_of([START, START, START])
    assert (moves.entered, moves.left) == ({RUNNING_KIND: 3}, {IDLE_KIND: 3})


def test_a_kind_that_is_entered_and_left_has_both_in_one_number() -> None:
    moves = moves_of([START, START, STOP])
    assert (moves.entered, moves.left) == ({RUNNING_KIND: 1, IDLE_KIND: -1}, {})


def test_a_kind_that_as_many_enter_as_leave_is_told_for_the_time_of_the_last_that_came() -> None:
    moves = moves_of([START, STOP])
    assert (dict(moves.entered), dict(moves.left)) == ({RUNNING_KIND: 0, IDLE_KIND: 0}, {})


def test_changes_within_a_kind_move_nothing() -> None:
    moves = moves_of([Change(IDLE, {"reason": "still"}), Change(IDLE, {"state": State.IDLE})])
    assert not moves.entered
    assert not moves.left


@given(changes)
def test_moves_are_what_counting_gives(many: list[Change]) -> None:
    before = Counter(Kind.of(change.pilot) for change in many)
    after = Counter(Kind.of(change.pilot).after(change) for change in many)
    moves = moves_of(many)
    assert not moves.entered.keys() & moves.left.keys()
    for kind in before | after:
        assert moves.entered[kind] - moves.left[kind] == after[kind] - before[kind]
    assert all(number > 0 for number in moves.left.values())


def test_ends_are_summed_up_by_outcome() -> None:
    other = ended(1, Outcome.WALLTIME)
    hour = int(NOW // HOUR_S)
    assert endings_of([ended(), ended(3), other, START], NOW) == {
        Ending(hour, "E", "", "r", "exited"): Ended(2, 1),
        Ending(hour, "E", "", "r", "walltime"): Ended(1, 1),
    }


def test_an_end_that_was_counted_is_not_counted_again() -> None:
    closed = replace(RUNNING, attempt=replace(ATTEMPT, closed_at=NOW - 1, outcome=Outcome.EXITED))
    assert endings_of([Change(closed, attempt={"closed_at": NOW})], NOW) == {}


def test_runs_that_are_over_are_summed_up_by_day_and_kind() -> None:
    one = ended()
    other = replace(one, pilot=replace(RUNNING, vo="w"))
    [share] = shares_of(one, NOW).values()
    assert share.granted_s == 400
    assert contributed([one, other, one, START], NOW) == {
        (DAY, Whose("v", "r", "E", "c")): Share().plus(share).plus(share),
        (DAY, Whose("w", "r", "E", "c")): Share().plus(share),
    }
