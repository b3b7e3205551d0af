"""Collects what is seen now and then into buckets, until those are over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from hosted_ce.rollups.buckets import FINE, pieces
from hosted_ce.rollups.points import Amount, Key, Points, Series, merged

LONGEST_S = 150.0
"""What was seen is believed for so long; then nobody looked, and that time is a gap."""


class Lasting(NamedTuple):
    """What a number is of that lasts until it is looked at again."""

    series: Series
    route: str
    kind: str = ""


Sample = Mapping[Lasting, float]
"""Numbers as they are now; those that are 0 may be left out."""


class Watch:
    """`look` at the numbers now and then, and `take` the buckets that are over to where they are kept."""

    def __init__(self) -> None:
        self._last: tuple[float, Sample] | None = None
        self._points: Points = {}

    def look(self, now: float, sample: Sample) -> None:
        """The numbers as of now. Those of the last time were so since then, unless that is too long ago."""
        if self._last is not None:
            began, before = self._last
            if 0 < now - began <= LONGEST_S:
                self._count(began, now, before)
        self._last = (now, sample)

    def _count(self, began: float, now: float, sample: Sample) -> None:
        for start, seconds in pieces(began, now, FINE.width_s):
            lasted = {Key(start, Series.WATCHED): Amount(seconds, seconds)}
            for (series, route, kind), value in sample.items():
                if value:
                    lasted[Key(start, series, route, kind)] = Amount(value * seconds, seconds)
            self._points = merged(self._points, lasted)

    def take(self, until: float) -> Points:
        """The buckets that ended by then; they are in here no more."""
        taken = {key: each for key, each in self._points.items() if key.start + FINE.width_s <= until}
        self._points = {key: each for key, each in self._points.items() if key not in taken}
        return taken

    def take_all(self) -> Points:
        """The same, with those that are not over."""
        taken, self._points = self._points, {}
        return taken
