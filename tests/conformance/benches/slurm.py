"""The lab's real Slurm."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from bosco.dialer import Dial
from hosted_ce.engine.ports import Site
from tests.conformance.bench import Ability
from tests.conformance.benches import linked
from tests.conformance.benches.together import together
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab
from tests.e2e.lab.slurm_conf import AWAY

OPTIONS = LabOptions(cpus=8, min_job_age=2, second_node=True)
WITHOUT_HOME = replace(OPTIONS, shared_home=False)


class SlurmBench:
    """A lab with `OPTIONS`, by this way in."""

    system = "slurm"
    least_walltime_s = 60
    lists_ended_s = 15.0
    queue: str | None = None
    scratch: str | None = None
    cpus = OPTIONS.cpus
    crowd = 500
    other_node = AWAY

    def __init__(self, lab: Lab, dial: Dial, *without: Ability):
        # The lab's Slurm does not confine memory: there are no control groups in every container.
        self.abilities: Collection[Ability] = set(Ability) - {Ability.MEMORY, *without}
        self._lab, self._dial = lab, dial
        if not lab.options.shared_home:
            self.scratch = str(lab.node_scratch)

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """A link of its own."""
        return linked.connected(self.system, self._dial, {"shared_home": self._lab.options.shared_home})

    async def pause(self) -> float:
        """Some time."""
        return await linked.pause()

    def hold(self, batch_id: str) -> None:
        """By root."""
        self._lab.slurm.command("scontrol", "hold", batch_id)

    def release(self, batch_id: str) -> None:
        """By root."""
        self._lab.slurm.command("scontrol", "release", batch_id)

    def stop(self) -> None:
        """slurmctld ends."""
        self._lab.slurm.stop_controller()

    def start(self) -> None:
        """slurmctld starts."""
        self._lab.slurm.start_controller()


class SlurmArraysBench(SlurmBench):
    """Every pilot is a task of an array."""

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """A link of its own."""
        return together(linked.connected(self.system, self._dial, {"arrays": True}))

    def plainly(self) -> AbstractAsyncContextManager[Site]:
        """A link of a CE that is not told of arrays."""
        return linked.connected(self.system, self._dial)
