"""How often somebody may come: laws of the buckets, and whose bucket it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.api.callers.buckets import Buckets, in_seconds
from hosted_ce.api.callers.rates import FAILURES, Rates
from hosted_ce.api.problems.problem import Problem

STEPS = st.lists(st.floats(0, 30), max_size=60)


@given(steps=STEPS, rate=st.floats(0.1, 20), burst=st.floats(1, 50))
def test_nobody_comes_more_often_than_the_rate_allows(steps: list[float], rate: float, burst: float) -> None:
    buckets, now, came = Buckets(rate, burst), 0.0, 0
    for step in steps:
        now += step
        came += not buckets.take("a", now)
        assert came <= burst + rate * now + 1e-6


@given(steps=STEPS, rate=st.floats(0.1, 20))
def test_who_waits_as_long_as_he_is_told_may_come(steps: list[float], rate: float) -> None:
    buckets, now = Buckets(rate, 3), 0.0
    for step in steps:
        now += step
        if wait := buckets.take("a", now):
            now += float(in_seconds(wait))
            assert not buckets.take("a", now + 1e-6)


def test_one_does_not_pay_for_another_and_memory_is_bounded() -> None:
    buckets = Buckets(0.001, 1, most=2)
    assert [bool(buckets.take(who, 0)) for who in "aabb"] == [False, True, False, True]
    assert not buckets.take("c", 0)
    assert not buckets.take("a", 0), "the oldest was forgotten"
    assert len(buckets._buckets) == 2


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_whose_bucket_it_is(first: str, second: str, same: bool) -> None:
    told: list[str] = []
    rates = Rates(0.1, told=told.append, now=lambda: 0.0)
    rates.came(first)
    if same:
        with pytest.raises(Problem) as refused:
            rates.came(second)
        assert refused.value.headers["Retry-After"] == "10"
        assert told == ["address"]
    else:
        rates.came(second)


def test_this_machine_is_not_counted() -> None:
    rates = Rates(0.1, now=lambda: 0.0)
    for _ in range(100):
        for address in ("127.0.0.1", "::1", None, "testclient"):
            rates.came(address)
            rates.failed(address)


def test_failures_are_slowed_by_address() -> None:
    rates = Rates(now=lambda: 0.0)
    for _ in range(int(FAILURES)):
        rates.failed("192.0.2.1")
    with pytest.raises(Problem, match="refused; try again in 5 s"):
        rates.failed("192.0.2.1")
    rates.failed("192.0.2.2")


def test_twenty_pilots_cost_as_much_as_a_request() -> None:
    rates = Rates(per_token=1, now=lambda: 0.0)  # ten at once
    rates.showed("a")
    rates.brought("a", 20)
    for _ in range(2):
        rates.showed("a")
        rates.brought("a", 61)
    rates.showed("a")
    with pytest.raises(Problem, match="requests come with this token"):
        rates.showed("a")


def test_who_brings_too_many_is_told_when_they_may_come() -> None:
    rates = Rates(per_token=1, now=lambda: 0.0)
    rates.showed("a")
    rates.brought("a", 100)  # 5 of 10 are left
    rates.showed("a")
    with pytest.raises(Problem, match="too many pilots come with this token; try again in 6 s"):
        rates.brought("a", 1000)


@given(pilots=st.integers(1, 10_000), rate=st.floats(0.1, 50), before=st.integers(0, 100))
def test_many_pilots_may_come_when_they_were_told_and_always_once_all_is_quiet(
    pilots: int, rate: float, before: int
) -> None:
    now = 0.0
    rates = Rates(per_token=rate, now=lambda: now)
    for _ in range(min(before, int(10 * rate) - 1)):
        rates.showed("a")
    rates.showed("a")
    try:
        rates.brought("a", pilots)
    except Problem as told:
        now += float(told.headers["Retry-After"]) + 1e-6
        rates.showed("a")
        rates.brought("a", pilots)


def test_without_a_rate_any_number_may_come() -> None:
    rates = Rates(now=lambda: 0.0)
    for _ in range(100):
        rates.brought("a", 10_000)
