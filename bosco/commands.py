"""Runs batch commands at the other end of a link, one after another as a codec asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bosco.batch.model import CommandResult
from bosco.batch.protocol import Command, Dialogue, Personal
from bosco.errors import NotRun
from bosco.frames import MAX_FRAME
from bosco.link import Link
from bosco.replies import told

REPLY_MARGIN_S = 15.0
"""How much longer than a command's own deadline we wait for its reply."""
OUTPUT_LIMIT = MAX_FRAME // 2 - 64 * 1024
"""Bytes of one output. A command's standard output and error come in one frame."""

NOT_RUN = 126
"""As a shell has it for what is there and cannot be run."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Commands:
    """How commands run there: `timeout` in seconds, where they are looked for, and their variables."""

    personal: Personal
    timeout: float
    path: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    async def talk(self, link: Link, dialogue: Dialogue[T]) -> T:
        """Runs the commands of a dialogue; returns what the codec made of the answers."""
        try:
            command = next(dialogue)
            while True:
                command = dialogue.send(await self.run(link, command))
        except StopIteration as end:
            made: T = end.value
            return made

    async def run(self, link: Link, command: Command) -> CommandResult:
        """One command and its answer. Raises what a link raises, but when an optional one was not run."""
        try:
            return await self._run(link, command)
        except NotRun as error:
            if not command.optional:
                raise
            return CommandResult(NOT_RUN, b"", str(error).encode(), complete=False)

    async def _run(self, link: Link, command: Command) -> CommandResult:
        header = {**self.header(command.argv, command.environment), "limit": OUTPUT_LIMIT}
        reply = await link.call("run", header, timeout=self.timeout + REPLY_MARGIN_S)
        answer, at = reply.header, told(reply.header, "stdout", int)
        complete = not told(answer, "timed_out", bool) and not told(answer, "cut", bool)
        return CommandResult(told(answer, "rc", int), reply.body[:at], reply.body[at:], complete)

    def header(self, argv: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
        """The command as the agent takes it."""
        return {
            "argv": argv,
            "environment": {**self.environment, **environment},
            "personal": {"prefixes": self.personal.prefixes, "kept": self.personal.kept},
            "path": self.path,
            "timeout": self.timeout,
        }
