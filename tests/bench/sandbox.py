"""What a sandbox of 270 kB costs with a shared home and without: `python -m tests.bench.sandbox`.

A real Slurm behind sshd; the gateway alone, without a CE around it. CPU time at the login node is that of
sshd, the agent and the commands; load from elsewhere makes the times longer, not the CPU and the bytes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.slurm.codec import Slurm
from bosco.dialer import Dialer
from bosco.dials import ssh_dial
from bosco.gateway import Gateway
from bosco.ssh.stream import Login
from tests.bench.login_node import Watched, spent, watched
from tests.conformance import jobs
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab, running_lab

PILOTS, SLOTS, SIDE_BY_SIDE = 100, 64, 8
WAITS = "#!/bin/sh\nhead -c 20000 /dev/urandom\nuntil [ -e {go} ]; do sleep 1; done\n"
SCRIPT = "".join(
    f'[ -n "$glidein_{n}" ] || warn "glidein_{n * 7919 % 1000} is missing"\n' for n in range(1530)
)


class Sandbox:
    """Five files as a glidein brings them: a script, two archives and two small ones."""

    def __init__(self, go: Path, scratch: Path):
        self._scratch = str(scratch)
        first = (WAITS.format(go=go) + SCRIPT).encode()
        contents = [first, os.urandom(112_000), os.urandom(60_000), b"a" * 12_000, b"b" * 3_000]
        self.contents = {hashlib.sha256(data).hexdigest(): data for data in contents}
        self.size = sum(map(len, contents))

    async def content(self, sha256: str) -> bytes:
        """For the gateway."""
        return self.contents[sha256]

    def pilot(self) -> BatchRequest:
        """A new one."""
        inputs = tuple(InputFile(f"file{n}", sha256) for n, sha256 in enumerate(self.contents))
        return BatchRequest(jobs.new_stamp(), "file0", inputs, 3000, memory_mb=10, scratch=self._scratch)


@asynccontextmanager
async def gateway(node: Watched, *, shared_home: bool) -> AsyncIterator[Gateway]:
    """Through the proxy."""
    login = Login(node.host, node.port, node.account, node.ce_key, node.known_hosts)
    dial = ssh_dial(login, python=str(node.python), spool="~/hosted-ce")
    site = Gateway(Dialer([dial]), Slurm(shared_home=shared_home))
    try:
        yield site
    finally:
        await site.close()


class Meter:
    """What has passed and was spent since it was set to nothing."""

    def __init__(self, lab: Lab, node: Watched):
        assert lab.slurm.controller.pid is not None
        self._node, self._controller = node, lab.slurm.controller.pid
        self.reset()

    def reset(self) -> None:
        """From now on."""
        self._before = self._now()

    def report(self, what: str, count: int = 1) -> None:
        """For each of so many."""
        pairs = zip(self._now(), self._before, strict=True)
        wall, login, controller, up = ((now - before) / count for now, before in pairs)
        cpu = f"{1000 * login:.1f} ms at the login node, {1000 * controller:.1f} ms of slurmctld"
        print(f"  {what}: {1000 * wall:.1f} ms, {up:.0f} bytes up; CPU: {cpu}")

    def _now(self) -> tuple[float, ...]:
        return time.monotonic(), self._node.cpu_s(), spent(self._controller), self._node.proxy.passed[0]


async def measure(lab: Lab, node: Watched, sandbox: Sandbox, go: Path, *, shared_home: bool) -> None:
    """Submits, lists while they run, and fetches."""
    async with gateway(node, shared_home=shared_home) as site:
        print(f"shared home: {shared_home}; a sandbox of {sandbox.size} bytes")
        await site.listing()
        meter = Meter(lab, node)
        await site.submit(sandbox.pilot(), sandbox.content)
        meter.report("the first submission")
        meter.reset()
        slots = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(pilot: BatchRequest) -> None:
            async with slots:
                await site.submit(pilot, sandbox.content)

        await asyncio.gather(*(one(sandbox.pilot()) for _ in range(PILOTS)))
        meter.report("a submission", PILOTS)
        if not shared_home:
            await carry(lab, site, go, meter)


async def carry(lab: Lab, site: Gateway, go: Path, meter: Meter) -> None:
    """The first of them run; then all end at once, and one listing brings their outputs home."""
    await _until(lab, b"hosted_ce:run:", SLOTS)
    await site.listing()
    meter.reset()
    await site.listing()
    meter.report(f"a listing while {SLOTS} run")
    lab.slurm.command("scontrol", "update", "PartitionName=batch", "State=DOWN")
    go.touch()
    await _until(lab, b"hosted_ce:end:", SLOTS)
    meter.reset()
    listing = await site.listing()
    assert listing.problem is None, listing.problem
    meter.report("the outputs of one", SLOTS)


async def _until(lab: Lab, mark: bytes, count: int) -> None:
    async with asyncio.timeout(120):
        while lab.slurm.command("squeue", "--noheader", "--format=%k").stdout.count(mark) < count:
            await asyncio.sleep(1)


def main() -> None:
    """Both ways."""
    for shared_home in (True, False):
        options = LabOptions(cpus=SLOTS, accounting=False, shared_home=shared_home)
        with (
            running_lab(options) as lab,
            tempfile.TemporaryDirectory() as name,
            watched(lab, Path(name)) as node,
        ):
            Path(name).chmod(0o755)
            go = Path(name) / "go"
            asyncio.run(measure(lab, node, Sandbox(go, lab.node_scratch), go, shared_home=shared_home))
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
