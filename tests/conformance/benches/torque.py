"""The lab's real Torque."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from bosco.dialer import Dial
from hosted_ce.engine.ports import Site
from tests.conformance.bench import Ability
from tests.conformance.benches import linked
from tests.e2e.lab.torque import TorqueLab
from tests.e2e.lab.torque_conf import AWAY, CPUS


class TorqueBench:
    """A lab, by this way in. Memory is a limit of the kernel's there: the program itself fails."""

    system = "pbs"
    cpus = CPUS
    crowd = 300
    other_node = AWAY
    least_walltime_s = 5
    queue: str | None = None
    scratch: str | None = None

    def __init__(self, lab: TorqueLab, dial: Dial, *without: Ability):
        lacking = {Ability.ACCOUNTING, Ability.LEFT_OUT, Ability.MEMORY}
        self.abilities: set[Ability] = set(Ability) - lacking - set(without)
        self.lists_ended_s = float(lab.options.keep_completed_s)
        self._lab, self._dial = lab, dial
        if not lab.options.shared_home:
            self.scratch = str(lab.node_scratch)
            self.abilities -= {Ability.RECORDS}

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """A link of its own."""
        return linked.connected(self.system, self._dial, {"shared_home": self._lab.options.shared_home})

    async def pause(self) -> float:
        """Some time."""
        return await linked.pause()

    def hold(self, batch_id: str) -> None:
        """By its manager."""
        self._lab.command("qhold", "-h", "s", batch_id)

    def release(self, batch_id: str) -> None:
        """By its manager."""
        self._lab.command("qrls", "-h", "s", batch_id)

    def stop(self) -> None:
        """pbs_server ends."""
        self._lab.daemons.server.stop()

    def start(self) -> None:
        """pbs_server starts."""
        self._lab.start_server()
