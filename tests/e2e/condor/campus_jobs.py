"""Jobs at a campus with HTCondor, through our own gateway over its sshd."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bosco.batch.htcondor.codec import HTCondor
from bosco.batch.model import BatchRequest, InputFile, Observation, Phase
from bosco.dialer import Dialer
from bosco.dials import ssh_dial
from bosco.gateway import Evidence, Gateway
from bosco.ssh.stream import Login
from tests.e2e.condor.campus import Campus

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def new_stamp() -> str:
    """A stamp that no other job of these tests has."""
    return "h" + "".join(random.choices(_LETTERS, k=14))


@dataclass
class CampusJobs:
    """One account's jobs at one campus. Open while the context lasts; for one event loop."""

    campus: Campus
    gateway: Gateway = field(init=False)
    _contents: dict[str, bytes] = field(default_factory=dict)

    async def __aenter__(self) -> CampusJobs:
        login = Login(
            self.campus.host,
            self.campus.port,
            self.campus.account,
            self.campus.private_key,
            self.campus.known_hosts,
        )
        dialer = Dialer([ssh_dial(login, python="python3", spool="spool")])
        self.gateway = Gateway(dialer, HTCondor(filesystem_domain=self.campus.filesystem_domain))
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.gateway.close()

    async def submit(
        self, script: str, *, files: Mapping[str, bytes] | None = None, stamp: str | None = None, **more: Any
    ) -> str:
        """Submits a shell script as a pilot; returns its stamp."""
        stamp = stamp or new_stamp()
        named = {"pilot.sh": f"#!/bin/sh\n{script}\n".encode(), **(files or {})}
        inputs = tuple(InputFile(name, self.store(data)) for name, data in named.items())
        request = BatchRequest(
            stamp, "pilot.sh", inputs, **{"walltime_s": 3600, "memory_mb": 64, "refresh_s": 1.0, **more}
        )
        await self.gateway.submit(request, self.content)
        return stamp

    def store(self, data: bytes) -> str:
        """Keeps a content, to be sent when it is needed, and returns its SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._contents[sha256] = data
        return sha256

    async def content(self, sha256: str) -> bytes:
        """What `store` was given."""
        return self._contents[sha256]

    async def look(self, stamp: str) -> Observation | None:
        """The job as a complete listing shows it."""
        listing = await self.gateway.listing()
        assert listing.complete, listing.problem
        [*found] = [job for job in listing.observations if job.stamp == stamp]
        assert len(found) < 2
        return found[0] if found else None

    async def wait(
        self, stamp: str, true: Phase | Callable[[Observation], bool], seconds: float = 60
    ) -> Observation:
        """The job as soon as it is in that phase, or what is asked is true of it."""
        job = None
        async with asyncio.timeout(seconds):
            while job is None or not (job.phase is true if isinstance(true, Phase) else true(job)):
                await asyncio.sleep(0.3)
                job = await self.look(stamp)
        return job

    async def evidence(self, stamp: str) -> Evidence:
        """What the spool has of the job."""
        return (await self.gateway.evidence([stamp]))[stamp]

    async def output(self, stamp: str, name: str = "stdout") -> bytes:
        """One of its outputs, whole."""
        return (await self.gateway.output(stamp, name)).data

    async def wait_for(self, true: Callable[[], Any], seconds: float = 60) -> Any:
        """What an asynchronous question answers as soon as that is true."""
        async with asyncio.timeout(seconds):
            while not (answer := await true()):
                await asyncio.sleep(0.3)
        return answer
