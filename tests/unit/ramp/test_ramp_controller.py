"""The steps of a ramp, one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosted_ce.ramp.controller import begun, step
from hosted_ce.ramp.evidence import Evidence
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import Direction, Mode, State, Step, StepCause

NOW = 1_770_000_000.0
RULES = Rules(2, 100)
LEVEL = State(8, NOW - 3600, after=10, carried=4)
GOOD = Evidence(newest=14, at_site=8, settled=8, begun=4, started=4, tried=4, proven=4, wait_s=180)


def steps(state: State, evidence: Evidence, rules: Rules = RULES, now: float = NOW) -> tuple[State, Step]:
    after, made = step(state, evidence, rules, now)
    assert made is not None
    return after, made


def stays(state: State, evidence: Evidence, rules: Rules = RULES) -> State:
    after, made = step(state, evidence, rules, NOW)
    assert made is None, made
    return after


def test_it_begins_at_its_start_and_says_so() -> None:
    state, made = begun(Evidence(newest=7, at_site=3), RULES, NOW)
    assert (state.cap, state.after, state.carried) == (2, 7, 3)
    assert made.cause is StepCause.BEGUN
    assert begun(Evidence(), Rules(5, 3), NOW)[0].cap == 3


def test_a_level_that_passes_all_gates_is_followed_by_one_of_twice_as_many() -> None:
    state, made = steps(LEVEL, GOOD)
    assert (state.cap, state.after, state.carried, state.since) == (16, 14, 8, NOW)
    assert (made.direction, made.cause) == (Direction.UP, StepCause.PASSED)
    assert made.reason == (
        "4 of 4 started (3 are enough), 4 of 4 ran 25 min or ended well, failures 0 of 4, wait 3 min"
    )
    assert made.evidence["proven"] == 4


def test_never_above_the_target() -> None:
    assert steps(LEVEL, GOOD, Rules(2, 11))[0].cap == 11
    assert stays(replace(LEVEL, cap=11), GOOD, Rules(2, 11)).cap == 11


@pytest.mark.parametrize(
    "lacks",
    [
        {"started": 2}, {"proven": 2}, {"late": 2}, {"refused": "QOSMaxSubmitJobPerUserLimit"},
        {"blind": "no contact"}, {"failed": {"vanished": 2}, "tried": 24},
    ],
)  # fmt: skip
def test_one_gate_that_is_not_passed_keeps_it(lacks: dict[str, object]) -> None:
    stays(LEVEL, replace(GOOD, settled=0, **lacks))  # type: ignore[arg-type]


def test_two_failed_pilots_of_two_take_it_back_and_one_does_not() -> None:
    one = replace(GOOD, settled=0, failed={"no_cvmfs": 1}, started=1, proven=0, tried=1)
    stays(LEVEL, one)
    two = replace(one, failed={"no_cvmfs": 2}, started=2, tried=2)
    state, made = steps(LEVEL, two)
    assert (state.cap, made.direction, made.cause) == (4, Direction.DOWN, StepCause.FAILURES)
    assert made.reason == (
        "2 of 2 pilots failed (2 no cvmfs), at most 10 % may; it does not go up for 30 min"
    )


def test_it_goes_back_to_half_of_what_was_there_where_that_is_less() -> None:
    bad = Evidence(newest=20, at_site=4, begun=8, over=6, started=6, tried=6, failed={"vanished": 6})
    assert steps(replace(LEVEL, cap=64), bad)[0].cap == 5


def test_after_a_fall_it_rests_however_good_the_pilots_are() -> None:
    resting = replace(LEVEL, falls=1, fell_at=NOW - 60, rests_until=NOW + 1)
    stays(resting, GOOD)
    steps(replace(resting, rests_until=NOW), GOOD)


def test_rests_grow_with_falls_that_follow_and_not_within_one() -> None:
    bad = Evidence(newest=20, at_site=64, begun=64, started=64, tried=64, failed={"vanished": 64})
    state, now, rests = replace(LEVEL, cap=64), NOW, []
    for _ in range(7):
        state, _ = steps(state, bad, now=now)
        rests.append(state.rests_until - now)
        within, _ = steps(replace(state, cap=64), bad, now=now + 60)
        assert within.rests_until - now - 60 == rests[-1]
        state, now = replace(state, cap=64), state.rests_until
    assert rests == [1800, 3600, 7200, 14400, 28800, 28800, 28800]


def test_a_fall_of_long_ago_is_forgotten() -> None:
    bad = Evidence(newest=20, at_site=8, begun=8, started=8, tried=8, failed={"vanished": 8})
    old = replace(LEVEL, falls=4, fell_at=NOW - RULES.memory_s)
    assert steps(old, bad)[0].rests_until == NOW + 1800


def test_at_its_start_it_is_held_once_and_until_failures_are_few() -> None:
    bad = Evidence(newest=20, at_site=2, begun=4, started=4, tried=4, failed={"no_cvmfs": 4})
    state, made = steps(replace(LEVEL, cap=2), bad)
    assert (state.cap, state.held_since, made.cause) == (2, NOW, StepCause.HELD)
    assert made.direction is Direction.STAY
    assert stays(state, bad).held_since == NOW
    still = replace(bad, failed={"no_cvmfs": 2}, begun=9, tried=9)
    assert stays(state, still).held_since == NOW
    assert stays(state, replace(still, failed={"no_cvmfs": 1})).held_since is None


def test_pilots_that_all_run_and_fill_a_lowered_cap_let_a_few_more_in() -> None:
    fallen = replace(LEVEL, cap=8, carried=11)
    full = Evidence(newest=30, at_site=11, settled=11)
    state, made = steps(fallen, full)
    assert (state.cap, state.carried, made.cause) == (13, 11, StepCause.SETTLED)
    stays(fallen, replace(full, settled=10))
    stays(fallen, replace(full, refused="no"))
    # Two more that run well are not as good as if all 13 were new.
    run = Evidence(newest=32, at_site=13, settled=13, begun=2, started=2, tried=2, proven=2)
    assert steps(state, run)[0].cap == 17


def test_paused_it_does_not_go_up_and_still_goes_back() -> None:
    paused = replace(LEVEL, mode=Mode.PAUSED)
    stays(paused, GOOD)
    bad = replace(GOOD, failed={"vanished": 4}, proven=0)
    state, made = steps(paused, bad)
    assert (state.cap, state.mode, made.direction) == (4, Mode.PAUSED, Direction.DOWN)


def test_pinned_it_stays_but_for_a_lower_target() -> None:
    pinned = replace(LEVEL, cap=50, mode=Mode.PINNED)
    stays(pinned, replace(GOOD, failed={"vanished": 4}, proven=0))
    state, made = steps(pinned, GOOD, Rules(2, 20))
    assert (state.cap, state.mode, made.cause) == (20, Mode.PINNED, StepCause.RULES)
    stays(replace(pinned, cap=0), GOOD)


def test_another_site_file_takes_it_along() -> None:
    state, made = steps(LEVEL, GOOD, Rules(2, 5))
    assert (state.cap, made.reason) == (5, "the site file says that the target is 5")
    state, made = steps(LEVEL, GOOD, Rules(10, 100))
    assert (state.cap, made.reason) == (10, "the site file says that the ramp starts at 10")


def test_a_factor_of_less_than_two_still_goes_up_faster_and_faster() -> None:
    cap, caps = State(1, NOW), [1]
    for _ in range(8):
        run = Evidence(at_site=cap.cap, begun=cap.room, started=cap.room, tried=cap.room, proven=cap.room)
        cap, _ = steps(cap, run, Rules(1, 100, factor=1.5))
        caps.append(cap.cap)
    assert caps == [1, 2, 3, 5, 8, 12, 18, 27, 41]
