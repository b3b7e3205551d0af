"""Jobs in a real HTCondor pool, by our gateway over a real sshd: with a shared home and without."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import classad2
import htcondor2  # noqa: F401  # gives classad2 its functions
import pytest

from bosco.batch.htcondor.words import string
from bosco.batch.model import Cause, Phase
from tests.e2e.condor.campus import Campus, CampusOptions, running_campus
from tests.e2e.condor.campus_jobs import CampusJobs
from tests.e2e.lab import process
from tests.e2e.lab.daemons import attempt, run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

_QUICK = ("PERIODIC_EXPR_INTERVAL = 4",)
_HEEDS_TERM = "trap 'echo heard; sleep 1; exit 5' TERM\necho up\nwhile :; do sleep 0.1; done"
_HOW_OFTEN = "echo once >>{place}\nexec sleep 600"


@pytest.fixture(scope="module", params=[True, False], ids=["shared-home", "file-transfer"])
def campus(request: pytest.FixtureRequest) -> Iterator[Campus]:
    """A pool of one node with 64 CPUs."""
    with running_campus(CampusOptions(shared_home=request.param, lines=_QUICK)) as running:
        yield running


@pytest.fixture
async def jobs(campus: Campus) -> AsyncIterator[CampusJobs]:
    """Jobs of the account; none is left."""
    async with CampusJobs(campus) as some:
        yield some
    attempt(["condor_rm", "-all"], campus.condor.environment)  # it fails where there is none


@pytest.fixture
def diary(campus: Campus) -> Iterator[Path]:
    """A file that each pilot writes a line to when it begins, wherever it runs and as whom."""
    path = campus.folder / "diary"
    path.touch()
    path.chmod(0o666)
    yield path
    path.unlink()


async def begun(jobs: CampusJobs, diary: Path) -> str:
    """A job whose pilot has begun, and the schedd knows it."""
    stamp = await jobs.submit(_HOW_OFTEN.format(place=diary))
    await jobs.wait(stamp, Phase.RUNNING)
    await jobs.wait_for(lambda: _has_lines(diary, 1))
    return stamp


async def _has_lines(diary: Path, number: int) -> bool:
    return len(diary.read_text().splitlines()) >= number


async def test_every_byte_arrives_and_comes_back(jobs: CampusJobs) -> None:
    value = 'it\'s "100%" $HOME `id` $(id) $(Cluster) $$(Memory)\nsecond line\ttab \\ é'
    data = bytes(range(256)) * 400
    script = 'printf \'<%s>\' "$@" "$VALUE"; cat data.bin; id -un >&2; exit 7'
    stamp = await jobs.submit(
        script, files={"data.bin": data}, arguments=("a b", "", "$(x)", "'"), environment={"VALUE": value}
    )
    job = await jobs.wait(stamp, Phase.ENDED)
    assert (job.cause, job.exit_code, job.exit_signal) == (Cause.EXITED, 7, None)
    assert await jobs.output(stamp) == f"<a b><><$(x)><'><{value}>".encode() + data
    record = (await jobs.evidence(stamp)).job
    assert (record.exit_code, record.batch_id) == (7, job.batch_id)
    assert record.sizes["stdout"] == len(await jobs.output(stamp))


def test_condor_submit_takes_every_string_literally(campus: Campus) -> None:
    """What the property test shows with the ClassAd library alone."""
    texts = [
        "", " ", " two  words ", 'say "x"', "back\\slash\\", "it's", "$(HOME)", "$ENV(HOME)", "$$",
        "$(DOLLAR)(x)",
        "# no comment", "line\nbreak\r\n\tqueue 5", "\x01\x1f\x7f", "a\\", '\\"', "é", "$INT(x)",
        "@=end", "\\044",
    ]  # fmt: skip
    lines = [
        "executable = /bin/true",
        *(f"My.X{n} = {string(text)}" for n, text in enumerate(texts)),
        "queue",
    ]
    description = "\n".join([*lines, ""]).encode()
    done = campus.run_as_account(["condor_submit", "-dry-run", "-", "-"], input=description)
    assert done.returncode == 0, done.stderr
    said = dict(re.findall(r"^X(\d+) ?= ?(.*)$", done.stdout.decode(), re.MULTILINE))
    assert [classad2.ExprTree(said[str(number)]).eval() for number in range(len(texts))] == texts


async def test_without_a_shared_home_the_job_is_somebody_who_cannot_see_it(
    jobs: CampusJobs, campus: Campus
) -> None:
    """Hence the test above shows that everything was carried."""
    stamp = await jobs.submit(f"id -u; ls {campus.home}")
    job = await jobs.wait(stamp, Phase.ENDED)
    [user, *seen] = (await jobs.output(stamp)).decode().splitlines()
    if campus.options.shared_home:
        assert int(user) == campus.owner.uid
        assert seen == ["spool"]
        assert job.exit_code == 0
    else:
        assert pwd.getpwuid(int(user)).pw_name.startswith("hce-node")
        assert seen == []
        assert job.exit_code == 2


async def test_the_start_is_on_record_while_the_job_runs(jobs: CampusJobs) -> None:
    stamp = await jobs.submit("exec sleep 600")

    async def started() -> float | None:
        return (await jobs.evidence(stamp)).job.started_at

    assert await jobs.wait_for(started)
    job = await jobs.wait(stamp, Phase.RUNNING)
    assert (await jobs.evidence(stamp)).job.batch_id == job.batch_id


async def test_a_pilot_that_is_removed_ends_in_order_and_its_outputs_come_home(jobs: CampusJobs) -> None:
    stamp, waiting = await jobs.submit(_HEEDS_TERM), await jobs.submit("exit", memory_mb=10**8)
    await jobs.wait_for(lambda: _started(jobs, stamp))
    ids = [(await jobs.evidence(each)).batch_id or "" for each in (stamp, waiting)]
    await jobs.gateway.cancel(ids, gentle=True)
    job = await jobs.wait(stamp, Phase.ENDED)
    assert (job.cause, job.exit_code) == (Cause.CANCELLED, 5)
    assert await jobs.output(stamp) == b"up\nheard\n"
    assert (await jobs.evidence(stamp)).job.exit_code == 5
    found = await jobs.look(waiting)
    assert found is not None
    assert found.phase is Phase.PENDING, "nothing happens to the others"
    await jobs.gateway.cancel(ids)
    await jobs.wait(waiting, Phase.ENDED)


async def test_a_pilot_at_its_walltime_ends_in_order_and_its_outputs_come_home(jobs: CampusJobs) -> None:
    stamp = await jobs.submit(_HEEDS_TERM, walltime_s=5)
    job = await jobs.wait(stamp, lambda job: job.site_state == "Removed")
    assert (job.phase, job.cause, job.exit_code) == (Phase.ENDED, Cause.WALLTIME, 5)
    assert await jobs.output(stamp) == b"up\nheard\n"
    assert (await jobs.evidence(stamp)).job.exit_code == 5


async def _started(jobs: CampusJobs, stamp: str) -> bool:
    return (await jobs.evidence(stamp)).job.started_at is not None


async def test_a_new_credential_reaches_the_pilot(jobs: CampusJobs) -> None:
    script = 'cat token; while [ "$(cat token)" = old ]; do sleep 0.1; done; cat token'
    stamp = await jobs.submit(script, files={"token": b"old"}, credentials=("token",))
    await jobs.wait_for(lambda: _started(jobs, stamp))
    assert await jobs.gateway.refresh(stamp, {"token": jobs.store(b"new")}, jobs.content)
    job = await jobs.wait(stamp, Phase.ENDED)
    assert job.exit_code == 0
    assert await jobs.output(stamp) == b"oldnew"


async def test_a_credential_that_came_while_the_job_waited_is_there_at_its_start(jobs: CampusJobs) -> None:
    stamp = await jobs.submit(
        "cat token", files={"token": b"old"}, credentials=("token",), extra=("hold = true",)
    )
    assert await jobs.gateway.refresh(stamp, {"token": jobs.store(b"new")}, jobs.content)
    job = await jobs.wait(stamp, Phase.HELD)
    run(["condor_release", job.batch_id], jobs.campus.condor.environment)
    await jobs.wait(stamp, Phase.ENDED)
    assert await jobs.output(stamp) == b"new"


async def test_a_whole_node_is_all_of_it(jobs: CampusJobs) -> None:
    """Also where a piece of it is free and would do."""
    small = await jobs.submit("exit 0")
    await jobs.wait(small, Phase.ENDED)
    stamp = await jobs.submit("exec sleep 600", whole_node=True)
    job = await jobs.wait(stamp, lambda job: job.granted is not None and job.granted.cpus is not None)
    assert job.granted is not None
    assert job.granted.cpus == jobs.campus.options.cpus
    assert job.granted.memory_mb == jobs.campus.options.memory_mb


def evict(campus: Campus, batch_id: str) -> None:
    run(["condor_vacate_job", batch_id], campus.condor.environment)


def evict_at_once(campus: Campus, batch_id: str) -> None:
    run(["condor_vacate_job", "-fast", batch_id], campus.condor.environment)


def kill_the_shadow(campus: Campus, batch_id: str) -> None:
    for pid in campus.condor.pids("condor_shadow"):
        if batch_id in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
            process.kill(pid)


def kill_the_starter(campus: Campus, batch_id: str) -> None:
    del batch_id  # it is the only job
    for pid in campus.condor.pids("condor_starter"):
        process.kill(pid)


def hold_and_release(campus: Campus, batch_id: str) -> None:
    run(["condor_hold", batch_id], campus.condor.environment)
    process.wait_until(
        lambda: not campus.condor.pids("condor_starter"), "the end of the held job", seconds=60
    )
    run(["condor_release", batch_id], campus.condor.environment)


@pytest.mark.parametrize("harm", [evict, evict_at_once, kill_the_shadow, kill_the_starter, hold_and_release])
async def test_a_pilot_that_has_begun_never_begins_again(
    jobs: CampusJobs, diary: Path, harm: Callable[[Campus, str], None]
) -> None:
    """HTCondor starts again what was evicted, within seconds in this pool."""
    stamp = await begun(jobs, diary)
    running = await jobs.look(stamp)
    assert running is not None
    await asyncio.to_thread(harm, jobs.campus, running.batch_id)
    ended = await jobs.wait(stamp, lambda job: job.site_state == "Removed" and job.phase is Phase.ENDED)
    assert ended.cause in (Cause.PREEMPTED, Cause.NODE_FAILURE, Cause.CANCELLED)
    assert diary.read_text() == "once\n"


async def test_a_job_that_is_started_again_all_the_same_does_not_begin_its_pilot(
    jobs: CampusJobs, diary: Path
) -> None:
    """As when the schedd lost what it knew of the first start."""
    stamp = await begun(jobs, diary)
    running = await jobs.look(stamp)
    assert running is not None
    forget = ("condor_qedit", running.batch_id, "Requirements", "true", "PeriodicRemove", "false")
    run(list(forget), jobs.campus.condor.environment)
    evict(jobs.campus, running.batch_id)
    ended = await jobs.wait(stamp, lambda job: job.site_state == "Completed")
    assert (ended.phase, ended.cause, ended.exit_code) == (Phase.ENDED, Cause.PREEMPTED, None)
    assert diary.read_text() == "once\n"


async def test_a_schedd_that_dies_loses_no_job_and_starts_none_twice(jobs: CampusJobs, diary: Path) -> None:
    stamps = [await jobs.submit(_HOW_OFTEN.format(place=diary)) for _ in range(5)]
    await jobs.wait_for(lambda: _has_lines(diary, 2))
    [master] = jobs.campus.condor.pids("condor_master")
    os.kill(master, signal.SIGSTOP)
    jobs.campus.condor.kill("condor_schedd")
    listing = await jobs.gateway.listing()
    assert (listing.observations, listing.complete) == ((), False)
    os.kill(master, signal.SIGCONT)

    async def there() -> bool:
        listing = await jobs.gateway.listing()
        return listing.complete and set(stamps) <= {job.stamp for job in listing.observations}

    await jobs.wait_for(there)
    for stamp in stamps:
        await jobs.wait(stamp, Phase.RUNNING)
    await jobs.wait_for(lambda: _has_lines(diary, 5))
    assert diary.read_text() == "once\n" * 5
