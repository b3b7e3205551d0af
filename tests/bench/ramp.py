"""How ramps go at several sites, hour by hour: simulated, with the controller that is in use.

`python -m tests.bench.ramp` prints the table of docs/operators/ramp.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosted_ce.ramp.rules import Rules
from tests.fakes.ramp_site import HOUR, Ramped, Site

RULES = Rules(start=2, target=100)
HOURS = (0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 24)
Event = tuple[float, Callable[[Ramped], None]]
"""When, in hours, and what happens then."""


def _breaks(ramp: Ramped) -> None:
    ramp.becomes(bad=1.0)
    ramp.kill()


SITES: Mapping[str, tuple[Site, tuple[Event, ...]]] = {
    "good": (Site(), ()),
    "good, pilots of 20 minutes": (Site(run_s=1200.0), ()),
    "one of 20 pilots fails": (Site(bad=0.05), ()),
    "one of 5 fails": (Site(bad=0.2), ()),
    "half of them fail": (Site(bad=0.5), ()),
    "all fail": (Site(bad=1.0), ()),
    "validation fails after 20 minutes": (Site(bad=1.0, fails_after_s=1200.0), ()),
    "breaks after 4 h, mended after 6": (
        Site(), ((4.0, _breaks), (6.0, lambda ramp: ramp.becomes(bad=0.0))),
    ),
    "2 h in the queue": (Site(delay_s=2 * HOUR), ()),
    "has room for 30": (Site(capacity=30), ()),
    "pushes back from 2 h to 4 h": (
        Site(),
        ((2.0, lambda ramp: ramp.becomes(refuses=True)), (4.0, lambda ramp: ramp.becomes(refuses=False))),
    ),
    "10 pilots come": (Site(demand=10), ()),
}  # fmt: skip


def caps(site: Site, events: tuple[Event, ...], tick: float = 30.0) -> list[int]:
    """The cap at each of the hours."""
    ramp, found, at = Ramped(RULES, site), list[int](), 0.0
    marks = sorted({*map(float, HOURS), *(hour for hour, _ in events)})
    for hour in marks:
        ramp.goes((hour - at) * HOUR, tick)
        at = hour
        if hour in HOURS:
            found.append(ramp.state.cap)
        for when, happens in events:
            if when == hour:
                happens(ramp)
    return found


def lines() -> list[str]:
    """The table, in Markdown."""
    head = ["the site", *(f"{hour} h" for hour in HOURS)]
    rows = [[name, *map(str, caps(*of))] for name, of in SITES.items()]
    return [f"| {' | '.join(row)} |" for row in (head, ["---", *("--:" for _ in HOURS)], *rows)]


if __name__ == "__main__":
    print("\n".join(lines()))
