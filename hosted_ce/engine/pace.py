"""How submissions go on after what the site said to those before: how many, and of which routes."""

from __future__ import annotations

import structlog

from bosco.errors import BoscoError, Failed
from hosted_ce.engine.array_size import ArraySizes
from hosted_ce.engine.cluster import Cluster
from hosted_ce.engine.judge import attempt_of
from hosted_ce.engine.together import SIDE_BY_SIDE
from hosted_ce.engine.window import Window
from hosted_ce.pilots.pilot import Pilot

log = structlog.get_logger(__name__)


class Pace:
    """That of one cluster. What a test was told counts for how many, and says nothing of its route."""

    def __init__(self, cluster: Cluster):
        self._name, self._gate, self._pushback = cluster.name, cluster.gate, cluster.pushback
        self.sizes = ArraySizes(cluster.together)
        """How many of a route go together."""
        most = min(cluster.window, SIDE_BY_SIDE) if cluster.together > 1 else cluster.window
        self.window = Window(most)
        """How many are under way side by side."""
        self._closings = cluster.gate.closings

    def accepted(self, pilot: Pilot) -> None:
        """The site took it, and those that went with it."""
        self.window.grow()
        if pilot.purpose.counts:
            self._pushback.accepted(attempt_of(pilot).route)
            self.sizes.accepted(attempt_of(pilot).route)

    def refused(self, pilot: Pilot, no: Failed) -> None:
        """The site said no to it."""
        if pilot.purpose.counts:
            self._pushback.refused(attempt_of(pilot).route, no)
            self.sizes.refused(attempt_of(pilot).route, no.to_many or no.refusal)
        self.window.shrink()

    def pause(self, error: BoscoError) -> None:
        """Nothing goes until the site was looked at."""
        if self._gate.is_open:
            log.warning("submission pauses", cluster=self._name, problem=str(error))
        self._gate.close(str(error))

    def slow_start(self) -> None:
        """After each closing of the gate one goes first. To be called before the next one goes."""
        if self._closings != self._gate.closings:
            self._closings = self._gate.closings
            self.window.shrink()
            self.sizes.restart()
