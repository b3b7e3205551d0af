"""Buckets of two days for the charts: a working day's wave, with a gap in which the CE was down."""

from __future__ import annotations

import math

from hosted_ce.rollups.points import Amount, Key, Points, Series
from tests.browser.scene import HOUR, NOW

STEP = 300
DAYS = 2
GAP = range(int(NOW - 9 * HOUR), int(NOW - 7 * HOUR))
LASTING = (("idle", 22.0, 0.2), ("running", 22.0, 0.5), ("held", 2.0, 1.0), ("unknown", 2.0, 1.0))


def history() -> Points:
    """All of them, up to now."""
    points: Points = {}
    last = int(NOW // STEP) * STEP
    for start in range(last - DAYS * 24 * 3600, last, STEP):
        if start not in GAP:
            points |= _bucket(start)
    return points


def _bucket(start: int) -> Points:
    wave = 0.5 + 0.5 * math.sin(start / 86400 * 2 * math.pi)
    turn = (start // STEP) % 7
    points: Points = {Key(start, Series.WATCHED): Amount(STEP, STEP)}
    for state, most, least in LASTING:
        number = round(most * (least + (1 - least) * wave))
        points[Key(start, Series.PILOTS, "large", state)] = Amount(number * STEP, STEP)
    for route, cores in (("large", 176), ("gpu", 8)):
        points[Key(start, Series.CORES, route)] = Amount(round(cores * (0.6 + 0.4 * wave)) * STEP, STEP)
    cap = 2 ** max(1, min(5, 5 - (int(NOW) - start) // 1800))
    for kind, number in (("cap", cap), ("target", 50), ("at_site", max(0, cap - turn % 3))):
        points[Key(start, Series.RAMP, "large", kind)] = Amount(number * STEP, STEP)
    points[Key(start, Series.WAIT, "large")] = Amount(900 * (1 + wave), 1)
    points[Key(start, Series.ENDED, "large", "normal")] = Amount(turn, turn)
    if turn == 3:
        points[Key(start, Series.ENDED, "large", "walltime")] = Amount(1, 1)
    return points
