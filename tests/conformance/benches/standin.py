"""Stand-ins of batch systems that are not installed (tests/standins), behind the agent as a child process.

It is the agent that such a site installs, started as sshd starts a forced command.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from bosco.dials import HELLO_TIMEOUT_S
from bosco.installed import agent_program, forced_command
from bosco.link import Link, agent_command, agent_source
from bosco.local import open_local
from hosted_ce.engine.ports import Site
from tests.conformance.bench import Ability
from tests.conformance.benches import linked
from tests.standins.site import StandIn

HOLDS: Mapping[str, tuple[list[str], list[str]]] = {
    "pbs": (["qhold", "-h", "s"], ["qrls"]),
    "lsf": (["bstop"], ["bresume"]),
}
LEAST_WALLTIME_S: Mapping[str, int] = {"pbs": 5, "lsf": 60}


class StandInBench:
    """One that runs. `without`: what it was told not to do."""

    queue: str | None = None
    cpus = 8
    crowd = 200
    """Each of its commands is a process of Python."""
    other_node = "node-02"

    def __init__(
        self,
        site: StandIn,
        *without: Ability,
        lists_ended_s: float = 0.0,
        options: dict[str, Any] | None = None,
        scratch: str | None = None,
    ):
        self.system = site.words
        self.least_walltime_s = LEAST_WALLTIME_S[site.words]
        self.abilities: Collection[Ability] = set(Ability) - set(without)
        self.lists_ended_s = lists_ended_s
        self._site, self._options, self.scratch = site, options, scratch

    def connect(self) -> AbstractAsyncContextManager[Site]:
        """A link of its own."""
        return linked.connected(self.system, self._dial, self._options)

    async def pause(self) -> float:
        """Some time."""
        return await linked.pause()

    def hold(self, batch_id: str) -> None:
        """By its administrator, who may do what the account may."""
        self._command(*HOLDS[self.system][0], batch_id)

    def release(self, batch_id: str) -> None:
        """By the same."""
        self._command(*HOLDS[self.system][1], batch_id)

    def stop(self) -> None:
        """Its server ends."""
        self._site.stop()

    def start(self) -> None:
        """Its server starts."""
        self._site.start()

    def _command(self, *argv: str) -> None:
        done = self._site.run(*argv)
        assert done.returncode == 0, done

    async def _dial(self) -> Link:
        source, spool = agent_source(), str(self._site.folder / "spool")
        program = self._site.folder / "hosted-ce-agent"
        program.write_text(agent_program())
        command = forced_command(str(program), batch=self.system, spool=spool, python=sys.executable)
        asked = shlex.join(agent_command(sys.executable, source))
        environment = {**self._site.environment, "SSH_ORIGINAL_COMMAND": asked}
        stream = await open_local(["sh", "-c", command], environment=environment)
        return await Link.open(stream, source=source, spool=spool, timeout=HELLO_TIMEOUT_S)
