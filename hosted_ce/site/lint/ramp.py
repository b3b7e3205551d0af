"""What does not work as meant in a route's ramp."""

from __future__ import annotations

from collections.abc import Iterator

from hosted_ce.site.errors import Loc
from hosted_ce.site.positions import Finding
from hosted_ce.site.ramp import Ramp
from hosted_ce.site.route import Route

_SLOW_S = 6 * 3600


def most_pilots(route: Route) -> int | None:
    """The highest limit of pilots that is ever in force; None: none is."""
    written = [caps.pilots for caps in (route.limits, *route.limits.windows)]
    known = [pilots for pilots in written if pilots is not None]
    return max(known, default=None)


def check_ramp(loc: Loc, route: Route) -> Iterator[Finding]:
    """Warnings about the ramp of a route, if it has one."""
    ramp = route.ramp
    if ramp is None:
        return
    most, at = None if route.htcondor else most_pilots(route), (*loc, "ramp")
    if ramp.target is not None and most is not None and ramp.target > most:
        message = f"target ({ramp.target}) is more than the route's limit of pilots ({most}), which counts"
        yield Finding((*at, "target"), message, "raise limits.pilots, or leave target out", "warning")
    yield from _check_start(at, ramp, most)
    if ramp.gates.ran_for > _SLOW_S:
        message = "with so long a ran_for the ramp takes days"
        yield Finding((*at, "gates", "ran_for"), message, "25m is usual", "warning")


def _check_start(loc: Loc, ramp: Ramp, most: int | None) -> Iterator[Finding]:
    targets = [number for number in (ramp.target, most) if number is not None]
    if targets and ramp.start >= min(targets):
        message = f"start ({ramp.start}) is not less than the target ({min(targets)}), so that nothing grows"
        yield Finding(
            (*loc, "start"), message, "2 is usual", "warning", at_key="start" not in ramp.model_fields_set
        )
