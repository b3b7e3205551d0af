"""Contributions: the parts of a run are the run, on whichever days it was."""

from __future__ import annotations

import dataclasses
from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.pilots.pilot import Attempt, Change, Event, Outcome, Pilot
from hosted_ce.pilots.states import Goal, Stage, State
from hosted_ce.rollups.buckets import DAY_S
from hosted_ce.rollups.runs import LONGEST_S, VERDICTS, Run, Verdict, run_of
from hosted_ce.rollups.shares import Share, added, shares_of, spread

START = 1_770_000_000.0
PILOT = Pilot(1, 1, State.RUNNING, Stage.ENDED, Goal.RUN, None, {}, "test", "tester", START, START)
times = st.floats(START - DAY_S, START + 20 * DAY_S)
maybe = st.one_of(st.none(), times)
runs = st.builds(
    lambda begun, length, *facts: Run(begun, begun + length, *facts),
    times, st.floats(0, 5 * DAY_S), st.integers(1, 128), st.booleans(), st.sampled_from(Verdict),
    st.one_of(st.none(), st.floats(0, 1e8)),
)  # fmt: skip
attempts = st.builds(
    Attempt, st.just(1), st.just(1), st.just(1), st.just("h1"), st.just("r"), st.just("c"),
    st.sampled_from([{"cpus": 8, "walltime_s": 3600}, {}]), st.just(START), submitted_at=maybe,
    started_at=maybe, ended_at=maybe, absent_since=maybe,
    outcome=st.one_of(st.none(), st.sampled_from(Outcome)),
    granted=st.sampled_from([None, {}, {"cpus": 16}]), user_cpu_s=st.one_of(st.none(), st.floats(0, 1e6)),
)  # fmt: skip
ends = st.one_of(st.none(), st.sampled_from(EndClass))


def close(attempt: Attempt, end: EndClass | None, now: float) -> Change:
    """The change that ends it."""
    pilot = dataclasses.replace(PILOT, attempt=attempt)
    return Change(pilot, {}, {"closed_at": now, "outcome_class": end}, Event("completed", "engine"))


def almost(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(1.0, abs(one), abs(other))


def test_every_class_of_end_has_a_verdict() -> None:
    assert set(VERDICTS) == set(EndClass)


@given(runs)
def test_the_days_of_a_run_are_the_run(run: Run) -> None:
    days = spread(run)
    whole = Share().plus(Share())
    for share in days.values():
        whole = whole.plus(share)
    length = run.over_at - run.begun_at
    assert almost(whole.granted_s, run.cores * length)
    if length > 0:
        assert almost(whole.used_s, run.cpu_s or 0.0)
    assert almost(whole.used_of_s, 0.0 if run.cpu_s is None else whole.granted_s)
    assert almost(whole.assumed_s, whole.granted_s if run.assumed else 0.0)
    for share in days.values():
        assert 0 <= share.granted_s <= run.cores * DAY_S
    worked = whole.granted_s - whole.failed_s - whole.early_s - whole.unknown_s
    assert almost(worked, whole.granted_s if run.verdict is Verdict.WORKED else 0.0)


@given(attempts, ends, times)
def test_an_attempt_that_ends_is_counted_as_one_thing(
    attempt: Attempt, end: EndClass | None, now: float
) -> None:
    assume(now > START)
    days = shares_of(close(attempt, end, now), now)
    whole = Share()
    for share in days.values():
        whole = whole.plus(share)
    assert whole.ended + whole.never_ran + whole.not_known == 1
    assert all(value >= 0 for value in whole)
    if not whole.ended:
        assert whole.granted_s == whole.used_s == whole.asked_s == whole.waits == 0
    closed = dataclasses.replace(attempt, closed_at=now)
    assert shares_of(close(closed, end, now + 1), now + 1) == {}


@given(attempts, times)
def test_no_run_is_longer_than_the_attempt_was_here(attempt: Attempt, now: float) -> None:
    found = run_of(attempt, now, Verdict.UNKNOWN)
    if isinstance(found, Run):
        assert 0 <= found.over_at - found.begun_at <= min(LONGEST_S, max(0.0, now - attempt.created_at))


@given(*2 * [st.dictionaries(st.integers(0, 5), st.integers(1, 5), max_size=5)])
def test_adding_keeps_every_day(one: dict[int, int], other: dict[int, int]) -> None:
    both = added(*({day: Share(ended=number) for day, number in days.items()} for days in (one, other)))
    assert {day: share.ended for day, share in both.items()} == Counter(one) + Counter(other)
