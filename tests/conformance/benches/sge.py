"""The lab's real Grid Engine."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager

from bosco.dialer import Dial
from hosted_ce.engine.ports import Site
from tests.conformance.bench import Ability
from tests.conformance.benches import linked
from tests.e2e.lab.gridengine import SLOTS, GridEngineLab


class GridEngineBench:
    """Memory is only a limit of the kernel's there: the program itself fails, and nobody ends the job."""

    system = "sge"
    cpus = SLOTS
    crowd = 500
    other_node = "node-02.example.org"
    least_walltime_s = 5
    lists_ended_s = 0.0
    queue: str | None = None
    scratch: str | None = None

    def __init__(self, lab: GridEngineLab, dial: Dial, *without: Ability):
        self.abilities: Collection[Ability] = set(Ability) - {Ability.MEMORY, *without}
        self._lab, self._dial = lab, dial

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """A link of its own."""
        return linked.connected(self.system, self._dial)

    async def pause(self) -> float:
        """Some time."""
        return await linked.pause()

    def hold(self, batch_id: str) -> None:
        """By the manager."""
        self._lab.command("qhold", "-h", "s", batch_id)

    def release(self, batch_id: str) -> None:
        """By the manager."""
        self._lab.command("qrls", "-h", "s", batch_id)

    def stop(self) -> None:
        """The qmaster ends."""
        self._lab.qmaster.stop()

    def start(self) -> None:
        """The qmaster starts."""
        self._lab.qmaster.start()
