"""The lab's real HTCondor."""

from __future__ import annotations

import os
import signal
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager

from bosco.dialer import Dial
from hosted_ce.engine.ports import Site
from tests.conformance.bench import Ability
from tests.conformance.benches import linked
from tests.e2e.condor.campus import Campus, CampusOptions
from tests.e2e.lab import process
from tests.e2e.lab.daemons import attempt, run

KEEP_S = 3
LINES = ("use POLICY:HOLD_IF_MEMORY_EXCEEDED", "PERIODIC_EXPR_INTERVAL = 4")


def options(*, shared_home: bool) -> CampusOptions:
    """A small pool that soon forgets."""
    return CampusOptions(shared_home=shared_home, cpus=8, lines=LINES)


class HTCondorBench:
    """A campus with `options`, by this way in."""

    system = "htcondor"
    least_walltime_s = 10
    crowd = 500
    lists_ended_s = 30.0
    other_node = "node-02.example.org"
    queue: str | None = None
    scratch: str | None = None

    def __init__(self, campus: Campus, dial: Dial, *without: Ability):
        # HTCondor has no queues to refuse one of.
        self.abilities: Collection[Ability] = set(Ability) - {Ability.REFUSAL, *without}
        self.cpus = campus.options.cpus
        self._campus, self._dial = campus, dial
        self._master = 0

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """A link of its own."""
        settings = {"filesystem_domain": self._campus.filesystem_domain, "keep_s": KEEP_S}
        return linked.connected(self.system, self._dial, settings)

    async def pause(self) -> float:
        """Some time."""
        return await linked.pause()

    def hold(self, batch_id: str) -> None:
        """By root."""
        run(["condor_hold", batch_id], self._campus.condor.environment)

    def release(self, batch_id: str) -> None:
        """By root."""
        run(["condor_release", batch_id], self._campus.condor.environment)

    def stop(self) -> None:
        """The schedd dies, and the master cannot start it again."""
        [self._master] = self._campus.condor.pids("condor_master")
        os.kill(self._master, signal.SIGSTOP)
        self._campus.condor.kill("condor_schedd")

    def start(self) -> None:
        """The master goes on."""
        os.kill(self._master, signal.SIGCONT)
        condor = self._campus.condor.environment
        process.wait_until(lambda: attempt(["condor_q"], condor).returncode == 0, "the schedd", seconds=60)
