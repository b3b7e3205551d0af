"""How many bytes pilots cost on the way to a login node: counted on the wire, the whole of bosco at work."""

from __future__ import annotations

import base64
import hashlib
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from ssh_site import SshSite
from tools import Tools

from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.slurm.codec import Slurm
from bosco.dialer import Dialer
from bosco.dials import ssh_dial
from bosco.gateway import Gateway

PILOTS = 50
SANDBOX = random.Random(9).randbytes(200_000)
SHA256 = hashlib.sha256(SANDBOX).hexdigest()
A_PILOT = 4_000
"""Bytes that each may cost beyond the sandbox, both ways: its outputs and its share of listings are in it."""
A_ROW = 40
"""The same for a job in a listing, which is more than 100 bytes there."""
ENTRY = tuple(word for n in range(20) for word in (f"-param_{n}", f"value-{n}-of-the-entry"))
ROW = (
    "{n}", "{stamp}", "RUNNING", "None", "170000{n:04}", "N/A", "170000{n:04}", "0", "node{n:03}",
    "cpu=8,mem=16000M,node=1,billing=8", "1-00:00:00", "osg", "opportunistic", "normal",
)  # fmt: skip


def pilot(number: int) -> BatchRequest:
    inputs = (InputFile("pilot.sh", SHA256, executable=True),)
    arguments = (*ENTRY, hashlib.sha256(bytes([number])).hexdigest())
    return BatchRequest(stamp(number), "pilot.sh", inputs, walltime_s=3600, arguments=arguments)


def stamp(number: int) -> str:
    return "h" + base64.b32encode(hashlib.sha256(b"%d" % number).digest()).decode().lower()[:14]


def listing_of(jobs: int) -> str:
    """squeue's script."""
    rows = ("\x1f".join(ROW).format(n=number, stamp=stamp(number)) for number in range(jobs))
    return "\n".join(("cat <<'END'", *rows, "END"))


async def sandbox(sha256: str) -> bytes:
    assert sha256 == SHA256
    return SANDBOX


Open = Callable[..., Awaitable[tuple[SshSite, Gateway]]]


@pytest.fixture
async def opened(clean_loop: None, tmp_path: Path, spool: Path, tools: Tools) -> AsyncIterator[Open]:
    """A login node and a gateway to it, whose agent is there already."""
    site = SshSite(tmp_path / "site")
    site.folder.mkdir()
    site.before = f"PATH={tools.folder}:$PATH; "
    gateways: list[Gateway] = []

    async def start(*, compresses: bool = True) -> tuple[SshSite, Gateway]:
        site.compresses = compresses
        await site.start()
        dialer = Dialer([ssh_dial(site.login(), python=sys.executable, spool=str(spool))])
        await dialer.link()
        gateways.append(Gateway(dialer, Slurm()))
        return site, gateways[-1]

    yield start
    for gateway in gateways:
        await gateway.close()
    await site.stop()


async def life(gateway: Gateway, tools: Tools) -> None:
    """Submitted one after another, listed ten times meanwhile, judged by their records, outputs fetched."""
    tools.add("sbatch", "echo 4711")
    tools.add("squeue", listing_of(PILOTS))
    for number in range(PILOTS):
        await gateway.submit(pilot(number), sandbox)
        if number % 5 == 0:
            assert len((await gateway.listing()).observations) == PILOTS
    await gateway.evidence([stamp(number) for number in range(PILOTS)])
    for number in range(PILOTS):
        for name in ("stdout", "stderr"):
            await gateway.output(stamp(number), name)


@pytest.mark.parametrize("compresses", [True, False])
async def test_a_pilot_costs_few_bytes_beyond_the_sandbox(
    opened: Open, tools: Tools, *, compresses: bool
) -> None:
    site, gateway = await opened(compresses=compresses)
    before = site.wire.passed
    await life(gateway, tools)
    a_pilot = (site.wire.passed - before - len(SANDBOX)) / PILOTS
    if compresses:
        assert 0 < a_pilot < A_PILOT
    else:
        assert a_pilot > 2 * A_PILOT, "it is served as well, and the bound above tells something"


async def test_the_list_of_many_jobs_is_made_small(opened: Open, tools: Tools) -> None:
    site, gateway = await opened()
    tools.add("squeue", listing_of(1000))
    before = site.wire.passed
    assert len((await gateway.listing()).observations) == 1000
    assert site.wire.passed - before < 1000 * A_ROW
