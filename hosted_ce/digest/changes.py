"""What became better or worse against the span before: only what is more than chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.verification.facts import RouteFacts

HOUR_S = 3600
FEW = 20
"""With fewer runs in one of the spans nothing is compared."""
MUCH = 0.2
"""Of core hours: a smaller change is not told."""
POINTS = 5.0
"""Of the part of a kind of ends, in percent points."""
GOOD = frozenset({EndClass.NORMAL})
NEUTRAL = frozenset({EndClass.REMOVED_BY_FACTORY, EndClass.UNKNOWN})


def changes(now: Sequence[RouteFacts], before: Sequence[RouteFacts]) -> Iterator[tuple[bool, str]]:
    """Each with whether it is better."""
    runs, old_runs = (sum(one.runs for one in some) for some in (now, before))
    if min(runs, old_runs) < FEW:
        return
    hours, old_hours = (sum(one.core_s for one in some) / HOUR_S for some in (now, before))
    if old_hours and abs(hours - old_hours) > MUCH * old_hours:
        better = hours > old_hours
        yield better, f"{'more' if better else 'fewer'} core hours: {hours:,.0f} after {old_hours:,.0f}"
    parts, old_parts = _parts(now, runs), _parts(before, old_runs)
    for what in EndClass:
        difference = parts[what] - old_parts[what]
        if what not in GOOD | NEUTRAL and abs(difference) >= POINTS:
            said = f"{parts[what]:.0f} % after {old_parts[what]:.0f} %"
            yield difference < 0, f"runs that ended as {what.value.replace('_', ' ')}: {said}"


def _parts(some: Sequence[RouteFacts], runs: int) -> dict[EndClass, float]:
    """Percent of the runs, by how they ended."""
    found = Counter[EndClass]()
    for route in some:
        for end in route.ends:
            found[end.what] += end.runs
    return {what: 100 * found[what] / runs for what in EndClass}
