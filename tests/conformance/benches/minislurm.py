"""The demo's batch system, whose words are Slurm's, behind its login node: real SSH, real processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from bosco.dials import ssh_dial
from bosco.ssh.stream import Login
from hosted_ce.demo.login_node import DemoLoginNode
from hosted_ce.engine.ports import Site
from tests.conformance.bench import Ability
from tests.conformance.benches import linked

SETTINGS = {
    "MINISLURM_IDLE": "0.1", "MINISLURM_KILL_WAIT": "0.3", "MINISLURM_CPUS": "8",
    "MINISLURM_MIN_JOB_AGE": "2",
}  # fmt: skip


class MinislurmBench:
    """One login node with a batch system of its own in this folder."""

    system = "slurm"
    abilities: Collection[Ability] = (
        Ability.PROGRAMS, Ability.ACCOUNTING, Ability.GENTLE, Ability.REFUSAL, Ability.RECORDS,
    )  # fmt: skip
    cpus, crowd = 8, 0
    other_node = "node-02"
    least_walltime_s = 60
    lists_ended_s = 2.0
    queue: str | None = None
    scratch: str | None = None

    def __init__(self, folder: Path):
        self._folder = folder

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Site]:
        async with DemoLoginNode(self._folder, environment=SETTINGS) as node:
            login = Login(node.host, node.port, node.account, node.client_key, node.known_hosts)
            dial = ssh_dial(login, python="python3", spool=str(self._folder / "spool"))
            async with linked.connected(self.system, dial) as site:
                yield site

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """The login node lives as long as the link; the batch system outlives both."""
        return self._connect()

    async def pause(self) -> float:
        """Some time."""
        return await linked.pause()

    def hold(self, batch_id: str) -> None:
        """It knows no holds."""
        raise NotImplementedError

    def release(self, batch_id: str) -> None:
        """It knows no holds."""
        raise NotImplementedError

    def stop(self) -> None:
        """Its controller comes and goes by itself."""
        raise NotImplementedError

    def start(self) -> None:
        """See `stop`."""
        raise NotImplementedError
