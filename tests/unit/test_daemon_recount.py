"""When the daemon counts again: what was counted is true until somebody writes, or a while has passed."""

from __future__ import annotations

from hosted_ce.daemon.recount import LONGEST_S, SHARE, Recount
from tests.fakes.clock import Clock


class Writer:
    """Somebody who commits; and counting, which takes a while."""

    def __init__(self, least_s: float = 0.0) -> None:
        self.commits, self.clock = 0, Clock()
        self.recount = Recount(lambda: self.commits, self.clock, least_s)

    def count(self, took_s: float = 0.0, writes: int = 0) -> None:
        """It is counted, and meanwhile something is written."""
        begun = self.recount.begin()
        self.clock.advance(took_s)
        self.commits += writes
        self.recount.done(begun)

    def counts_in(self, seconds: int) -> int:
        """How often it is counted if one looks every second."""
        number = 0
        for _ in range(seconds):
            self.clock.advance(1)
            if self.recount.due():
                number += 1
                self.count()
        return number


def test_the_first_look_counts() -> None:
    assert Writer().recount.due()


def test_an_hour_without_a_commit_is_counted_twice_a_minute() -> None:
    writer = Writer()
    writer.count()
    assert writer.counts_in(3600) == 3600 / LONGEST_S


def test_a_commit_is_seen_at_the_next_look() -> None:
    writer = Writer()
    writer.count()
    writer.commits += 1
    assert writer.recount.due()
    writer.count()
    assert not writer.recount.due()


def test_what_is_written_while_it_is_counted_is_counted_after() -> None:
    writer = Writer()
    writer.count(writes=1)
    assert writer.recount.due()


def test_counting_that_takes_long_is_done_less_often() -> None:
    writer = Writer()
    writer.count(took_s=0.2, writes=1)
    assert not writer.recount.due()
    writer.clock.advance(0.2 / SHARE)
    assert writer.recount.due()


def test_however_long_it_takes_it_is_done() -> None:
    writer = Writer()
    writer.count(took_s=3600.0, writes=1)
    assert writer.recount.due()


def test_a_least_time_between_two_counts() -> None:
    writer = Writer(least_s=5.0)
    writer.count(writes=1)
    writer.clock.advance(4.9)
    assert not writer.recount.due()
    writer.clock.advance(0.2)
    assert writer.recount.due()
