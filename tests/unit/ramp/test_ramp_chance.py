"""When failures are more than chance. The table is the one in docs/operators/ramp.md."""

from __future__ import annotations

import pytest

from hosted_ce.ramp.chance import allowed, too_many

TABLE = {2: 2, 3: 2, 5: 3, 10: 4, 20: 5, 50: 10, 100: 16}
"""Of so many pilots, the fewest failures that make a ramp of 10 % go back."""


@pytest.mark.parametrize(("judged", "fewest"), TABLE.items())
def test_the_fewest_failures_that_are_too_many(judged: int, fewest: int) -> None:
    assert too_many(fewest, judged, 0.1)
    assert not too_many(fewest - 1, judged, 0.1)


def test_one_failure_proves_nothing() -> None:
    assert not too_many(1, 1, 0.0)
    assert too_many(2, 2, 0.0)


def test_of_very_many_the_same_holds_without_large_sums() -> None:
    assert not too_many(1000, 10_000, 0.1)
    assert too_many(1100, 10_000, 0.1)


def test_nothing_is_too_many_where_all_may_fail() -> None:
    assert not too_many(10, 10, 1.0)


@pytest.mark.parametrize(("judged", "most"), [(0, 1), (2, 1), (10, 1), (19, 1), (20, 2), (30, 3), (100, 10)])
def test_the_share_may_fail_and_always_one(judged: int, most: int) -> None:
    assert allowed(judged, 0.1) == most
