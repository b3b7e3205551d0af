"""Pilots on a Slurm whose node sees neither the spool nor the account's home: real Slurm, real sshd."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bosco.batch.model import BatchRequest, InputFile, Observation, Phase
from bosco.batch.slurm.codec import Slurm
from bosco.dialer import Dialer
from bosco.errors import Failed, Refusal
from bosco.gateway import Gateway
from tests.conformance import jobs
from tests.conformance.benches import linked
from tests.e2e.ce import Ce, killed_in_the_middle
from tests.e2e.gate import gate_in
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.site import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
WAITS = b"""#!/bin/sh
cat token
until [ "$(cat token)" = new ]; do sleep 0.2; done
cat token
stat -c '%a' token
exit 5
"""
ENDS = b"#!/bin/sh\necho said\nexit 5\n"
LARGE = os.urandom(4 * 1024 * 1024)
FILES = {hashlib.sha256(data).hexdigest(): data for data in (WAITS, ENDS, LARGE, b"old\n", b"new\n")}
WAITS_SUM, ENDS_SUM, LARGE_SUM, OLD, NEW = FILES


async def contents(sha256: str) -> bytes:
    return FILES[sha256]


def request(lab: Lab, sha256: str, **files: str) -> BatchRequest:
    """A pilot that is this, with these files; a `token` is a credential."""
    inputs = (InputFile("pilot.sh", sha256, executable=True), *(InputFile(*file) for file in files.items()))
    credentials = ("token",) if "token" in files else ()
    return BatchRequest(
        jobs.new_stamp(),
        "pilot.sh",
        inputs,
        600,
        memory_mb=10,
        credentials=credentials,
        refresh_s=1,
        scratch=str(lab.node_scratch),
    )


@pytest.fixture(scope="module")
def homeless(make_lab: Callable[[LabOptions], Lab]) -> Lab:
    """A cluster like that, which keeps no accounts."""
    return make_lab(LabOptions(cpus=16, accounting=False, shared_home=False))


@pytest.fixture
def ce(homeless: Lab, tmp_path: Path) -> Iterator[Ce]:
    ce = Ce(homeless, tmp_path, shared_home=False, scratch=str(homeless.node_scratch))
    ce.start()
    yield ce
    ce.kill()


@asynccontextmanager
async def gateway(lab: Lab, *, path: Sequence[str] = (), **codec: Any) -> AsyncIterator[Gateway]:
    """With a codec that has these options, and commands from these folders first."""
    dialer = Dialer([linked.over_ssh(lab.sshd, lab.owner)])
    gateway = Gateway(dialer, Slurm(shared_home=False, **codec), path=path)
    try:
        yield gateway
    finally:
        await gateway.close()


async def until_ended(gateway: Gateway, stamp: str) -> tuple[Observation, set[str | None]]:
    """What Slurm says of its end, and the remarks of the listings before."""
    remarks = set()
    async with asyncio.timeout(60):
        while True:
            listing = await gateway.listing()
            assert listing.complete
            remarks.add(listing.problem)
            job = next((job for job in listing.observations if job.stamp == stamp), None)
            if job and job.phase is Phase.ENDED:
                return job, remarks
            await asyncio.sleep(0.2)


def test_a_kill_of_the_ce_loses_and_doubles_none_and_every_byte_comes_home(ce: Ce) -> None:
    script = "#!/bin/sh\nhead -c 2000000 /dev/urandom >bytes\ncat bytes\nmd5sum <bytes >&2\nexit $1\n"
    done = killed_in_the_middle(ce, script, ["0", "1", "2"] * 4, seconds=60)
    codes = Counter((pilot["state"], pilot["exit_code"]) for pilot in done)
    assert codes == {("completed", 0): 4, ("completed", 1): 4, ("completed", 2): 4}
    assert all(pilot["attempt_number"] == 1 for pilot in done)
    for pilot in done:
        told = ce.output(pilot["id"], "stderr").split()[0].decode()
        assert hashlib.md5(ce.output(pilot["id"]), usedforsecurity=False).hexdigest() == told


def test_a_pilot_that_ends_while_the_ce_is_away_waits_for_it(ce: Ce, homeless: Lab) -> None:
    with gate_in(homeless.node_scratch) as gate:
        pilot = ce.submit(f"#!/bin/sh\nls -A /home\necho begun\n{gate.waits}\necho done\nexit 3\n")
        ce.wait([pilot["id"]], {"running"})
        ce.kill()
    stamp = only_job(homeless)
    ce.wait_until(lambda: b"hosted_ce:end:" in comment(homeless, stamp), 60, "the job does not wait")
    ce.start()
    [done] = ce.wait([pilot["id"]])
    assert (done["state"], done["exit_code"]) == ("completed", 3)
    assert ce.output(pilot["id"]) == b"begun\ndone\n"
    assert not list(homeless.node_scratch.glob(f"{stamp}*")), "nothing is left on the node"


def only_job(lab: Lab) -> str:
    """The name of the one that runs."""
    [job] = [job for job in lab.slurm.jobs() if job.state == "RUNNING"]
    return job.name


def comment(lab: Lab, stamp: str) -> bytes:
    """Of that job."""
    return lab.slurm.command("squeue", "--noheader", f"--name={stamp}", "--format=%k").stdout


async def test_a_running_pilot_finds_its_new_credential(homeless: Lab) -> None:
    pilot = request(homeless, WAITS_SUM, token=OLD)
    async with gateway(homeless) as site:
        await site.submit(pilot, contents)
        async with asyncio.timeout(60):
            while not (await site.evidence([pilot.stamp]))[pilot.stamp].job.started_at:
                await site.listing()
        assert await site.refresh(pilot.stamp, {"token": NEW}, contents)
        job, remarks = await until_ended(site, pilot.stamp)
        assert (job.exit_code, remarks) == (5, {None})
        assert (await site.output(pilot.stamp, "stdout")).data == b"old\nnew\n600\n"


async def test_where_srun_does_not_work_the_end_is_known_and_the_outputs_are_said_to_be_lost(
    homeless: Lab,
) -> None:
    tools = homeless.owner.own(_made(homeless.owner.home / "without-srun"))
    homeless.owner.write(tools / "srun", b"#!/bin/sh\necho 'srun: error: not here' >&2\nexit 1\n", 0o700)
    pilot = request(homeless, ENDS_SUM)
    async with gateway(homeless, path=[str(tools)], patience_s=3) as site:
        await site.submit(pilot, contents)
        job, remarks = await until_ended(site, pilot.stamp)
        assert (job.exit_code, job.exit_signal) == (5, None)
        assert any("srun: error: not here" in (remark or "") for remark in remarks)
        assert (await site.output(pilot.stamp, "stdout")).size is None
    assert not list(homeless.node_scratch.glob(f"{pilot.stamp}*"))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def test_what_does_not_fit_into_a_script_is_refused_for_good(homeless: Lab) -> None:
    pilot = request(homeless, ENDS_SUM, large=LARGE_SUM)
    async with gateway(homeless) as site:
        with pytest.raises(Failed, match="and the batch system takes 4194303") as refused:
            await site.submit(pilot, contents)
        assert refused.value.refusal is Refusal.PERMANENT
        assert not (await site.evidence([pilot.stamp]))[pilot.stamp].claimed
