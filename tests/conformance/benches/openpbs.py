"""A real OpenPBS, where one is installed."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager

from bosco.dialer import Dial
from hosted_ce.engine.ports import Site
from tests.conformance.bench import Ability
from tests.conformance.benches import linked
from tests.e2e.lab.openpbs import OpenPbsLab
from tests.e2e.lab.openpbs_conf import AWAY, CPUS


class OpenPbsBench:
    """A lab, by this way in."""

    system = "pbs"
    cpus = CPUS
    crowd = 300
    other_node = AWAY
    least_walltime_s = 5
    lists_ended_s = 0.0
    queue: str | None = None
    scratch: str | None = None

    def __init__(self, lab: OpenPbsLab, dial: Dial, *without: Ability):
        lacking = {Ability.LEFT_OUT, *without}
        if not lab.options.history:
            lacking |= {Ability.ACCOUNTING}
        if not lab.options.shared_home:
            lacking |= {Ability.RECORDS}
            self.scratch = str(lab.node_scratch)
        self.abilities: Collection[Ability] = set(Ability) - lacking
        self._lab, self._dial = lab, dial

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """A link of its own."""
        return linked.connected(self.system, self._dial, {"shared_home": self._lab.options.shared_home})

    async def pause(self) -> float:
        """Some time."""
        return await linked.pause()

    def hold(self, batch_id: str) -> None:
        """By root, its manager."""
        self._lab.command("qhold", "-h", "s", batch_id)

    def release(self, batch_id: str) -> None:
        """By the same."""
        self._lab.command("qrls", "-h", "s", batch_id)

    def stop(self) -> None:
        """The server ends."""
        self._lab.server.stop()

    def start(self) -> None:
        """The server starts."""
        self._lab.server.start()
        self._lab.wait_for_the_node()
