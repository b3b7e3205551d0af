"""A site whose batch commands are shell scripts, and a gateway to it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from tools import Tools

from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.slurm.codec import Slurm
from bosco.dialer import Dialer
from bosco.dials import local_dial
from bosco.gateway import Gateway

PILOT = b"#!/bin/sh\necho pilot\n"
SHA256 = hashlib.sha256(PILOT).hexdigest()
STAMP = "haaaaaaaaaaaaaa"


def request(
    stamp: str = STAMP, inputs: tuple[InputFile, ...] = (InputFile("pilot.sh", SHA256),)
) -> BatchRequest:
    """To run PILOT."""
    return BatchRequest(stamp, "pilot.sh", inputs, walltime_s=3600)


async def contents(sha256: str) -> bytes:
    """What there is to send: PILOT."""
    assert sha256 == SHA256
    return PILOT


class Site:
    """A gateway to the commands in `tools`."""

    def __init__(self, spool: Path, tools: Tools, timeout: float = 20.0, path: Sequence[str] = ()):
        self.dialer = Dialer([local_dial(spool=str(spool), environment=tools.environment())])
        self.observed: list[tuple[str, str]] = []
        self.gateway = Gateway(
            self.dialer, Slurm(), command_timeout=timeout, path=path,
            observer=lambda operation, seconds, outcome: self.observed.append((operation, outcome)),
        )  # fmt: skip

    async def agent(self) -> int:
        """The agent's process id."""
        return int((await self.dialer.link()).facts["pid"])
