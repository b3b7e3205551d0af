"""Roll-ups: nothing is lost or counted twice between buckets, and gaps stay gaps."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hosted_ce.rollups.buckets import DAILY, DAY_S, FINE, HOURLY, LEVELS, pieces, start_of
from hosted_ce.rollups.chart import PERIODS, chart, grid
from hosted_ce.rollups.points import Amount, Key, Points, Series, at_all_levels, coarser, merged
from hosted_ce.rollups.watch import LONGEST_S, Lasting, Watch

START = 1_770_000_000
moments = st.integers(START, START + 4 * DAY_S)
sums = st.builds(Amount, st.integers(0, 1000).map(float), st.integers(0, 1000).map(float))
keys = st.builds(
    Key, moments.map(lambda at: start_of(at, FINE.width_s)), st.sampled_from(Series),
    st.sampled_from(["", "r", "s"]), st.sampled_from(["", "idle"]),
)  # fmt: skip
points = st.dictionaries(keys, sums, max_size=30)
RUNNING = Lasting(Series.PILOTS, "r", "running")


def test_each_width_is_made_of_whole_finer_ones() -> None:
    for finer, wider in pairwise(LEVELS):
        assert wider.width_s % finer.width_s == 0
        assert wider.kept_s > finer.kept_s
    for period in PERIODS.values():
        assert period.level.kept_s > period.seconds


@given(points)
def test_a_coarser_bucket_is_the_merge_of_its_finer_ones(found: Points) -> None:
    by_width = at_all_levels(found)
    assert by_width[FINE.width_s] == found
    assert coarser(by_width[FINE.width_s], HOURLY.width_s) == by_width[HOURLY.width_s]
    assert coarser(by_width[HOURLY.width_s], DAILY.width_s) == by_width[DAILY.width_s]


@given(st.lists(points, max_size=5), st.randoms())
def test_it_does_not_matter_in_which_order_or_how_often_it_is_written(
    parts: list[Points], dice: random.Random
) -> None:
    one_by_one = merged(*(coarser(part, HOURLY.width_s) for part in parts))
    dice.shuffle(parts)
    assert one_by_one == coarser(merged(*parts), HOURLY.width_s)


@given(st.floats(START, START + DAY_S), st.floats(0, 3 * DAY_S), st.sampled_from(LEVELS))
def test_pieces_are_the_whole(begin: float, length: float, level: tuple[int, int]) -> None:
    width = level[0]
    found = list(pieces(begin, begin + length, width))
    assert math.isclose(sum(seconds for _, seconds in found), length, abs_tol=1e-4)
    assert [start for start, _ in found] == sorted({start for start, _ in found})
    assert all(start % width == 0 and 0 < seconds <= width for start, seconds in found)


looks = st.lists(st.tuples(st.floats(-1000, 1000), st.integers(0, 50)), max_size=40)


@given(looks, st.sets(st.integers(0, 40)))
def test_what_was_watched_is_taken_once_whenever_it_is_taken(
    steps: list[tuple[float, int]], taken_at: set[int]
) -> None:
    """Clocks jump, and somebody looks too late: only times between two looks in a row count."""
    watch, now, parts = Watch(), float(START), list[Points]()
    wanted_s = wanted = 0.0
    before: int | None = None
    for number, (step, value) in enumerate(steps):
        now += step
        if before is not None and 0 < step <= LONGEST_S:
            wanted_s, wanted = wanted_s + step, wanted + step * before
        watch.look(now, {RUNNING: float(value)})
        before = value
        if number in taken_at:
            parts.append(watch.take(now))
            assert all(key.start + FINE.width_s <= now for key in parts[-1])
    parts.append(watch.take_all())
    assert watch.take_all() == {}
    found = merged(*parts)
    seconds = sum(each.amount for key, each in found.items() if key.series is Series.WATCHED)
    lasted = sum(each.amount for key, each in found.items() if key.series is Series.PILOTS)
    assert math.isclose(seconds, wanted_s, abs_tol=1e-3)
    assert math.isclose(lasted, wanted, abs_tol=1e-1)


@given(st.sampled_from(sorted(PERIODS)), st.floats(START, START + DAY_S))
def test_a_chart_ends_now_and_has_one_place_for_each_bucket(name: str, now: float) -> None:
    period = PERIODS[name]
    x = grid(period, now)
    assert x.step == period.level.width_s
    assert period.seconds // x.step - 2 <= len(x) <= period.seconds // x.step
    assert x[-1] < now <= x[-1] + 3 * x.step
    assert now - x.start <= period.seconds


@given(
    st.sampled_from([series for series in Series if series is not Series.WATCHED]),
    st.dictionaries(st.integers(0, 20), sums), st.dictionaries(st.integers(0, 20), st.floats(1, 300)),
)  # fmt: skip
def test_a_bucket_that_nobody_watched_and_in_which_nothing_happened_is_a_gap(
    series: Series, found: dict[int, Amount], watched: dict[int, float]
) -> None:
    x = range(0, 21)
    drawn = chart(series, x, [(start, "r", amount) for start, amount in found.items()], watched)
    for start in x:
        value = drawn.lines["r"][start] if found else None
        if start not in found and start not in watched:
            assert value is None
        if value == 0 and start not in found:
            assert start in watched
