"""A rate from times that know whole seconds only."""

from __future__ import annotations

from tests.bench.versus.ceiling import rate_by_seconds


def test_the_first_second_is_the_start_and_does_not_count() -> None:
    assert rate_by_seconds([100] * 10 + [101] * 10 + [102] * 10) == 10


def test_gaps_are_part_of_the_time() -> None:
    assert rate_by_seconds([100, 104, 104]) == 0.5


def test_one_second_is_no_time() -> None:
    assert rate_by_seconds([100, 100]) is None
