"""New credentials reach waiting and running pilots through a real sshd and a real Slurm."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.slurm.codec import Slurm
from bosco.dialer import Dialer
from bosco.dials import ssh_dial
from bosco.gateway import Gateway
from bosco.ssh.stream import Login
from hosted_ce.pilots.stamps import STAMP_BYTES, stamp_from
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
SCRIPT = b"""#!/bin/sh
cat credential.idtoken
stat -c '%a' credential.idtoken
seconds=0
until [ "$(cat credential.idtoken)" = new ] || [ $seconds -ge 60 ]; do sleep 1; seconds=$((seconds + 1)); done
cat credential.idtoken
stat -c '%a' credential.idtoken .
exit 5
"""
FILES = {hashlib.sha256(data).hexdigest(): data for data in (SCRIPT, b"old\n", b"new\n")}
RUN, OLD, NEW = FILES
NAME = "credential.idtoken"


async def contents(sha256: str) -> bytes:
    return FILES[sha256]


@pytest.fixture
async def gateway(lab: Lab) -> AsyncIterator[Gateway]:
    login = Login(lab.host, lab.port, lab.account, lab.ce_key, lab.known_hosts)
    gateway = Gateway(Dialer([ssh_dial(login, python="python3", spool="~/hosted-ce")]), Slurm())
    yield gateway
    await gateway.close()


def request(**more: Any) -> BatchRequest:
    inputs = (InputFile("pilot.sh", RUN, executable=True), InputFile(NAME, OLD))
    return BatchRequest(
        stamp_from(secrets.token_bytes(STAMP_BYTES)),
        "pilot.sh",
        inputs,
        walltime_s=600,
        memory_mb=10,
        credentials=(NAME,),
        refresh_s=2,
        **more,
    )


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await true():
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("more", [{}, {"scratch": "/tmp"}], ids=["in the spool", "in the scratch folder"])
async def test_a_running_pilot_finds_its_new_credential(gateway: Gateway, more: Mapping[str, str]) -> None:
    pilot = request(**more)
    await gateway.submit(pilot, contents)

    async def begun() -> bool:
        return (await gateway.output(pilot.stamp, "stdout")).data == b"old\n600\n"

    async def ended() -> bool:
        return (await gateway.evidence([pilot.stamp]))[pilot.stamp].job.ended

    await until(begun)
    assert await gateway.refresh(pilot.stamp, {NAME: NEW}, contents)
    await until(ended)
    assert (await gateway.output(pilot.stamp, "stdout")).data == b"old\n600\nnew\n600\n700\n"
    assert (await gateway.output(pilot.stamp, "stderr")).data == b""
    assert (await gateway.output(pilot.stamp, "scheduler.log")).data == b""
    assert (await gateway.evidence([pilot.stamp]))[pilot.stamp].job.exit_code == 5


async def test_a_pilot_that_waits_starts_with_its_new_credential(gateway: Gateway, lab: Lab) -> None:
    pilot = request(extra=("--hold",))
    batch_id = await gateway.submit(pilot, contents)
    assert await gateway.refresh(pilot.stamp, {NAME: NEW}, contents)
    lab.run_as_account(["scontrol", "release", batch_id])

    async def ended() -> bool:
        return (await gateway.evidence([pilot.stamp]))[pilot.stamp].job.ended

    await until(ended)
    assert (await gateway.output(pilot.stamp, "stdout")).data == b"new\n600\nnew\n600\n700\n"
    folder = Path(lab.home) / "hosted-ce" / "pilots" / pilot.stamp
    assert list((folder / "refresh").iterdir()) == [], "nothing is left to be taken"
