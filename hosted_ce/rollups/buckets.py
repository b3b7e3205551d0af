"""Buckets of time: how wide they are, and how long they are kept.

They are aligned with the epoch, and each width is a multiple of the one before it: a bucket is made of whole
finer ones, and a daily one is a day of UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

HOUR_S = 3600
DAY_S = 24 * HOUR_S


class Level(NamedTuple):
    """Buckets of one width, and how long they are kept; both in seconds."""

    width_s: int
    kept_s: int


FINE = Level(300, 2 * DAY_S)
HOURLY = Level(HOUR_S, 14 * DAY_S)
DAILY = Level(DAY_S, 3 * 366 * DAY_S)
LEVELS = (FINE, HOURLY, DAILY)


def start_of(at: float, width_s: int) -> int:
    """When the bucket began that has this moment in it."""
    return int(at // width_s) * width_s


def pieces(begin: float, end: float, width_s: int) -> Iterator[tuple[int, float]]:
    """The buckets from `begin` to `end`, with how many seconds of each; nothing where `end` is not later."""
    while begin < end:
        start = start_of(begin, width_s)
        upto = min(end, start + width_s)
        yield start, upto - begin
        begin = upto
