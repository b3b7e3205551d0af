"""What a ramp takes for push-back: limits for a while, trouble as long as it lasts."""

from __future__ import annotations

import pytest

from bosco.errors import Refusal
from hosted_ce.api.views import ClusterView, Contact
from hosted_ce.daemon.ramps.sight import RampSight
from hosted_ce.engine.pushback import Refused
from hosted_ce.routing.route import Table
from tests.fakes.clock import Clock
from tests.fakes.routes import route

LATELY_S = 600.0
ROUTE = route("default")
VIEW = ClusterView(
    ROUTE.cluster, "slurm", ("login",), "osg", Contact.READY, since=1.0, problem=None, listed_at=1.0,
    submitting=True, closed_reason=None,
)  # fmt: skip


class Place:
    """A cluster that is in contact, and refuses what it is told to."""

    def __init__(self) -> None:
        self.kind: Refusal | None = None

    def refused(self, route: str) -> Refused | None:
        return Refused(route, self.kind, "no", 0.0, 0.0, 1) if self.kind else None

    def view(self) -> ClusterView:
        return VIEW


@pytest.mark.parametrize(
    ("kind", "remembered"), [(Refusal.LIMIT, True), (Refusal.PERMANENT, True), (Refusal.TRANSIENT, False)]
)
def test_what_the_site_said_is_remembered_but_for_a_moment_s_trouble(kind: Refusal, remembered: bool) -> None:
    clock, place = Clock(), Place()
    sight = RampSight(lambda: Table((ROUTE,)), {ROUTE.cluster: place}, clock)
    place.kind = kind
    assert sight.of("default", LATELY_S).refused == "the site pushes back: no"
    place.kind = None
    clock.advance(LATELY_S - 1)
    assert bool(sight.of("default", LATELY_S).refused) is remembered
    clock.advance(1)
    assert sight.of("default", LATELY_S).refused is None
