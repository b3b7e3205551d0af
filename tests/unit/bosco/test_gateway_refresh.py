"""Refreshing credentials through the whole of bosco, to a wrapper that runs."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tools import Barrier, Tools

from bosco import local
from bosco.batch.model import BatchRequest, InputFile
from bosco.batch.slurm.codec import Slurm
from bosco.dialer import Dialer
from bosco.dials import local_dial
from bosco.errors import Failed, NotRun, Refusal
from bosco.gateway import Gateway

STAMP = "haaaaaaaaaaaaaa"
FILES = {hashlib.sha256(data).hexdigest(): data for data in (b"#!/bin/sh\n", b"old", b"new", b"newer")}
RUN, OLD, NEW, NEWER = FILES
INPUTS = (InputFile("run", RUN, executable=True), InputFile("token", OLD))
REQUEST = BatchRequest(STAMP, "run", INPUTS, walltime_s=60, credentials=("token",))


async def contents(sha256: str) -> bytes:
    return FILES[sha256]


@pytest.fixture
async def site(
    clean_loop: None, spool: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Gateway]:
    monkeypatch.setattr(local, "LAST_WORDS_WAIT", 0.5)
    tools.add("sbatch", "echo 4711")
    dialer = Dialer([local_dial(spool=str(spool), environment=tools.environment())])
    gateway = Gateway(dialer, Slurm())
    yield gateway
    await gateway.close()


async def test_a_waiting_job_starts_with_the_newest(site: Gateway, spool: Path) -> None:
    await site.submit(REQUEST, contents)
    assert await site.refresh(STAMP, {"token": NEW}, contents)
    assert await site.refresh(STAMP, {"token": NEWER}, contents)
    assert await site.refresh(STAMP, {"token": NEWER}, contents)
    assert (spool / "pilots" / STAMP / "credentials" / "token").read_bytes() == b"newer"


async def test_a_running_pilot_gets_it(
    site: Gateway, spool: Path, barrier: Callable[[], Barrier], tmp_path: Path
) -> None:
    begun, go_on = barrier(), barrier()
    script = f"#!/bin/sh\ncat token\n{begun.tell}\n{go_on.pause}\ncat token\n".encode()
    run = hashlib.sha256(script).hexdigest()
    request = BatchRequest(
        STAMP, "run", (InputFile("run", run, executable=True), INPUTS[1]), 60, credentials=("token",),
        refresh_s=0.02,
    )  # fmt: skip

    async def also_the_script(sha256: str) -> bytes:
        return script if sha256 == run else FILES[sha256]

    await site.submit(request, also_the_script)
    folder = spool / "pilots" / STAMP
    job = subprocess.Popen(["sh", folder / "job.sh"], stdin=subprocess.DEVNULL)
    await asyncio.to_thread(begun.expect)
    assert await site.refresh(STAMP, {"token": NEW}, contents)
    while any(path.exists() for path in (folder / "refresh" / "token", folder / "refresh.token")):
        await asyncio.sleep(0)
    go_on.release()
    assert await asyncio.to_thread(job.wait, 20) == 0
    assert (folder / "stdout").read_bytes() == b"oldnew"


@pytest.mark.parametrize("name", ["run", "absent", "../token", ""])
async def test_what_is_no_credential_is_a_clear_no(site: Gateway, name: str) -> None:
    await site.submit(REQUEST, contents)
    with pytest.raises(Failed, match="no credentials of this job") as raised:
        await site.refresh(STAMP, {name: NEW}, contents)
    assert raised.value.refusal is Refusal.PERMANENT


async def test_a_job_that_is_not_there_is_told(site: Gateway) -> None:
    assert not await site.refresh(STAMP, {"token": NEW}, contents)
    await site.submit(REQUEST, contents)
    await site.remove([STAMP])
    assert not await site.refresh(STAMP, {"token": NEW}, contents)


async def test_contents_that_went_away_at_the_site_are_sent_again(site: Gateway, spool: Path) -> None:
    await site.submit(REQUEST, contents)
    await site.refresh(STAMP, {"token": NEW}, contents)
    await site.refresh(STAMP, {"token": OLD}, contents)
    (spool / "files" / NEW).unlink()
    with pytest.raises(NotRun, match="sent again"):
        await site.refresh(STAMP, {"token": NEW}, contents)
    assert await site.refresh(STAMP, {"token": NEW}, contents)


async def test_staging_that_fails_has_changed_nothing(site: Gateway, spool: Path) -> None:
    await site.submit(REQUEST, contents)
    link = await site._dialer.link()

    async def dying(sha256: str) -> bytes:
        os.kill(link.facts["pid"], signal.SIGKILL)
        return FILES[sha256]

    with pytest.raises(NotRun, match="not all at the site"):
        await site.refresh(STAMP, {"token": NEW}, dying)
    assert (spool / "pilots" / STAMP / "credentials" / "token").read_bytes() == b"old"
    assert await site.refresh(STAMP, {"token": NEW}, contents)


@pytest.mark.parametrize("credentials", [("run",), ("absent",), ("token", "absent")])
def test_a_request_names_as_credentials_only_inputs_that_are_not_run(credentials: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="cannot be credentials"):
        BatchRequest(STAMP, "run", INPUTS, walltime_s=60, credentials=credentials)
