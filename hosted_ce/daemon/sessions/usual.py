"""Pilots as factories send them, for a look at where they would go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hosted_ce.api.explaining import Explanation
from hosted_ce.daemon.sessions.keeper import Started
from hosted_ce.pilots.spec import FileRef, PilotSpec

DAY = 24 * 60
SHAPES: Mapping[str, Mapping[str, int]] = {
    "1 core, 2 GB, 24 h": {"xcount": 1, "maxMemory": 2000, "maxWallTime": DAY},
    "8 cores, 16 GB, 72 h": {"xcount": 8, "maxMemory": 16000, "maxWallTime": 3 * DAY},
}
"""By their names; memory in MB, walltime in minutes, as factories have them."""


def spec_of(shape: Mapping[str, int]) -> PilotSpec:
    """The request of such a pilot."""
    program = FileRef(name="glidein_startup.sh", sha256="0" * 64, executable=True)
    return PilotSpec(
        executable=program.name, inputs=(program,), attributes={**shape, "RequestCpus": shape["xcount"]}
    )


def told(found: Iterable[tuple[str, Explanation]]) -> Started:
    """Which of them a route takes: one is enough, since a site may be there for one shape alone."""
    explained = list(found)
    said = "; ".join(f"{name}: {_where(each)}" for name, each in explained)
    return Started(said, any(each.routable for _, each in explained), "/routes")


def _where(explanation: Explanation) -> str:
    if explanation.route:
        return f"route {explanation.route} takes it"
    if explanation.waits_for:
        return f"route {explanation.waits_for} takes it when there is room"
    return f"no route takes it ({explanation.reason})"
