"""The Grid Engine codec against what a real one printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bosco.batch.model import (
    BatchRequest,
    Cause,
    CommandResult,
    Granted,
    InputFile,
    Listing,
    Observation,
    Phase,
)
from bosco.batch.sge.codec import FEW, GridEngine
from bosco.errors import Failed, Interrupted, Refusal
from tests.fakes.dialogue import conversation, told

FOLDER = Path(__file__).parents[2] / "corpora" / "gridengine-8.1.9"
SGE = GridEngine()
NOBODY = CommandResult(0, b"<job_info><queue_info/><job_info/></job_info>")


def result(name: str) -> CommandResult:
    stdout, stderr = ((FOLDER / f"{name}.{output}").read_bytes() for output in ("stdout", "stderr"))
    return CommandResult(int((FOLDER / f"{name}.rc").read_text()), stdout, stderr)


def argv(name: str) -> list[str]:
    return list(json.loads((FOLDER / f"{name}.argv").read_text()))


def kind(job: Observation) -> str:
    return job.stamp[1:].rstrip("a")


def seen(listing: Listing) -> dict[str, Observation]:
    found = {kind(job): job for job in listing.observations}
    assert len(found) == len(listing.observations)
    return found


def record(name: str) -> Observation:
    listing = told(SGE.accounting("u", 0.0, stamps=["h"]), result(f"qacct-{name}"))
    assert (listing.complete, listing.problem) == (True, None)
    [job] = listing.observations
    return job


def test_GE1_a_listing_of_all_states_is_read_exactly() -> None:
    listing = told(SGE.listing("hce-site"), result("qstat-all"), result("qstat-why"))
    assert (listing.complete, listing.problem) == (True, None)
    found = seen(listing)
    states = {name: (job.phase, job.site_state) for name, job in found.items()}
    assert states.items() >= {
        "running": (Phase.RUNNING, "r"), "removed": (Phase.RUNNING, "dr"), "told": (Phase.RUNNING, "dr"),
        "held": (Phase.HELD, "hqw"), "error": (Phase.HELD, "Eqw"), "waits": (Phase.PENDING, "qw"),
        "later": (Phase.PENDING, "qw"),
    }.items()  # fmt: skip
    running, waits = found["running"], found["waits"]
    assert (running.node, running.granted) == ("localhost", Granted(cpus=2, walltime_s=3600, queue="all.q"))
    assert running.started_at is not None
    assert (waits.node, waits.started_at, waits.granted) == (None, None, None)
    assert waits.submitted_at is not None


def test_why_a_job_does_not_run_is_told_in_the_schedulers_words() -> None:
    found = seen(told(SGE.listing("u"), result("qstat-all"), result("qstat-why")))
    assert found["error"].reason == (
        'error: can\'t open output file "/nonexistent/log": No such file or directory'
    )
    assert found["held"].reason == "Job is in hold state"
    assert found["waits"].reason == 'cannot run in PE "smp" because it only offers 0 slots'


def test_a_reason_that_is_not_told_takes_nothing_from_the_listing() -> None:
    alone = told(SGE.listing("u"), result("qstat-all"), CommandResult(1, b"", b"got send error"))
    found = seen(alone)
    assert alone.complete
    assert (found["error"].reason, found["held"].reason) == ("in an error state", "held")
    gone = seen(told(SGE.listing("u"), result("qstat-all"), result("qstat-why-gone")))
    assert gone.keys() == found.keys()


def test_only_jobs_that_wait_are_asked_about_those_in_trouble_first() -> None:
    asked, listing = conversation(SGE.listing("u"), result("qstat-all"), result("qstat-why"))
    by_id = {job.batch_id: kind(job) for job in listing.observations}
    about = [by_id[one] for one in asked[1].argv[2].split(",")]
    assert set(about[:4]) >= {"held", "error"}
    assert not {"running", "removed", "told"} & set(about)


def test_an_empty_listing_is_complete_and_asks_no_more() -> None:
    listing = told(SGE.listing("u"), result("qstat-empty"))
    assert (listing.observations, listing.complete, listing.problem) == ((), True, None)


@pytest.mark.parametrize(
    "answer",
    [
        result("qstat-qmaster-down"),
        CommandResult(0, b""),
        CommandResult(0, result("qstat-all").stdout[:900]),
        CommandResult(0, result("qstat-all").stdout, complete=False),
        CommandResult(0, b"<?xml version='1.0'?><unknown_jobs></unknown_jobs>"),
        CommandResult(0, b"<!DOCTYPE x [<!ENTITY a 'b'>]><job_info>&a;</job_info>"),
    ],
    ids=["qmaster down", "nothing", "half", "cut", "another document", "entities"],
)
def test_what_is_no_listing_proves_no_absence(answer: CommandResult) -> None:
    listing = told(SGE.listing("u"), answer)
    assert (listing.observations, listing.complete) == ((), False)
    assert listing.problem


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("completed", (Cause.EXITED, 0, None)),
        ("failed", (Cause.EXITED, 3, None)),
        ("told", (Cause.EXITED, 7, None)),
        ("killed", (Cause.CANCELLED, 137, 9)),
        ("removed", (Cause.CANCELLED, 137, 9)),
        ("walltime", (Cause.WALLTIME, 137, None)),
    ],
)
def test_ends_are_read_exactly(name: str, expected: tuple[Cause, int, int | None]) -> None:
    job = record(name)
    assert (job.phase, job.cause, job.exit_code, job.exit_signal) == (Phase.ENDED, *expected)
    assert job.node == "localhost"
    assert job.submitted_at
    assert job.started_at
    assert job.ended_at
    assert job.submitted_at <= job.started_at <= job.ended_at


def test_what_was_granted_and_used_is_told() -> None:
    job = record("removed")
    assert job.granted == Granted(cpus=1, walltime_s=3600, queue="all.q")
    assert job.used is not None
    assert job.used.user_cpu_s is not None


def test_a_job_that_was_run_again_ended_with_its_last_run() -> None:
    job = record("again")
    assert (job.cause, job.exit_code) == (Cause.EXITED, 0)


def test_a_job_that_never_started_is_no_pilots_failure() -> None:
    job = record("errorremoved")
    assert (job.cause, job.exit_code, job.started_at, job.node) == (Cause.NOT_STARTED, None, None, None)
    assert job.reason == "26 : opening input/output file"


@pytest.mark.parametrize("name", ["unknown-id", "removedearly", "no-file"])
def test_GE1_records_that_know_nothing_yet_have_answered(name: str) -> None:
    answer = told(SGE.accounting("u", 0.0, batch_ids=["1"]), result(f"qacct-{name}"))
    assert (answer.observations, answer.complete) == ((), True)
    assert bool(answer.problem) is (name == "no-file"), "a site without records is told apart"


def test_GE1_an_id_that_is_used_again_is_told_apart_by_the_name() -> None:
    recorded = result("qacct-failed")
    [job] = told(SGE.accounting("u", 0.0, batch_ids=["1"]), recorded).observations
    before = recorded.stdout.replace(job.stamp.encode(), b"hzzzzzzzzzzzzzz")
    answer = told(SGE.accounting("u", 0.0, batch_ids=["1"]), CommandResult(0, before + recorded.stdout))
    found = {each.stamp: each for each in answer.observations}
    assert found.keys() == {"hzzzzzzzzzzzzzz", job.stamp}
    assert found[job.stamp] == job
    assert found["hzzzzzzzzzzzzzz"].batch_id == job.batch_id


def test_records_that_cannot_answer_are_not_silent() -> None:
    for answer in (
        CommandResult(1, b"", b"error: cannot open\n"),
        CommandResult(0, b"junk"),
        CommandResult(124, b""),
    ):
        said = told(SGE.accounting("u", 0.0, batch_ids=["1"]), answer)
        assert (said.observations, said.complete) == ((), False)


def test_many_jobs_are_asked_for_at_once_and_what_is_left_one_by_one() -> None:
    everything = told(SGE.accounting("u", 0.0, stamps=["h"]), result("qacct-all")).observations
    never = "herrorremovedaa"
    assert never not in {job.stamp for job in everything}, "it has no start time"
    stamps = [*(job.stamp for job in everything), never, "hnosuchaaaaaaaa", "hnosuchbbbbbbbb"]
    assert len(stamps) > FEW
    silent = result("qacct-unknown-id")
    asked, listing = conversation(
        SGE.accounting("hce-site", 1577836800.0, stamps=stamps),
        result("qacct-all"), result("qacct-errorremoved"), silent, silent,
    )  # fmt: skip
    assert list(asked[0].argv) == [*argv("qacct-all")[:2], "hce-site", "-b", "202001010000", "-j"]
    assert [command.argv[-1] for command in asked[1:]] == stamps[-3:]
    assert {job.stamp for job in listing.observations} == {*(job.stamp for job in everything), never}
    assert listing.complete


def test_that_nothing_was_found_among_all_is_an_answer() -> None:
    found = told(SGE.accounting("u", 0.0, stamps=["h"]), result("qacct-all-none"))
    assert (found.observations, found.complete) == ((), True)


REFUSED = {
    "qsub-unknown-queue": Refusal.PERMANENT,
    "qsub-unknown-host": Refusal.PERMANENT,
    "qsub-unknown-project": Refusal.PERMANENT,
    "qsub-unknown-resource": Refusal.PERMANENT,
    "qsub-unknown-parallel-environment": Refusal.PERMANENT,
    "qsub-bad-time": Refusal.PERMANENT,
    "qsub-bad-name": Refusal.PERMANENT,
    "qsub-unknown-option": Refusal.PERMANENT,
    "qsub-unsatisfiable": Refusal.PERMANENT,
    "qsub-no-script": Refusal.PERMANENT,
    "qsub-limit": Refusal.LIMIT,
    "qsub-qmaster-down": Refusal.TRANSIENT,
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_clear_no_is_told_apart(name: str) -> None:
    with pytest.raises(Failed) as refused:
        SGE.submitted(result(name))
    assert refused.value.refusal is REFUSED[name]


def test_every_recorded_refusal_is_judged() -> None:
    recorded = {path.stem for path in FOLDER.glob("qsub-*.argv")}
    assert recorded == REFUSED.keys() | {"qsub-accepted"}


def test_the_id_is_read_whatever_stands_around_it() -> None:
    accepted = result("qsub-accepted")
    assert SGE.submitted(accepted) == accepted.stdout.decode().strip()
    assert SGE.submitted(CommandResult(0, b"Welcome\n4711\n", b"jsv: fine\n")) == "4711"


FROZEN = b'Unable to run job: unable to send message to qmaster using port 1 on host "s": got send error\n'


@pytest.mark.parametrize(
    "answer",
    [
        CommandResult(1, b"", FROZEN),
        CommandResult(0, b""),
        CommandResult(0, b"1\n2\n"),
        CommandResult(1, b"17\n", b"job rejected: "),
        CommandResult(1, b"", b"something else"),
        CommandResult(-9, b"", b"denied: "),
        CommandResult(0, b"17\n", complete=False),
    ],
    ids=["frozen", "no id", "two ids", "an id and a no", "unknown words", "killed", "cut"],
)
def test_an_answer_that_is_not_clear_is_a_doubt(answer: CommandResult) -> None:
    with pytest.raises(Interrupted):
        SGE.submitted(answer)


def test_a_site_without_qsub_is_a_no() -> None:
    with pytest.raises(Failed):
        SGE.submitted(CommandResult(127, b"", b"[Errno 2] No such file or directory: 'qsub'"))


TAKEN = ("qdel-running", "qdel-again", "qdel-told", "qdel-waiting", "qdel-several", "qdel-not-a-number")


@pytest.mark.parametrize("name", TAKEN)
def test_a_cancel_fails_only_when_it_was_not_taken(name: str) -> None:
    told(SGE.cancel(["1"]), result(name))


def test_a_cancel_that_was_not_taken_fails() -> None:
    for answer in (result("qdel-qmaster-down"), CommandResult(1, b""), CommandResult(0, b"", complete=False)):
        with pytest.raises(Failed):
            told(SGE.cancel(["1"]), answer)


def submission(sge: GridEngine = SGE, **more: object) -> list[str]:
    inputs = (InputFile("pilot.sh", "0" * 64),)
    request = BatchRequest("haaaaaaaaaaaaaa", "pilot.sh", inputs, walltime_s=3600, **more)  # type: ignore[arg-type]
    return list(sge.submission(request, "/spool/pilots/haaaaaaaaaaaaaa").argv)


def option(argv: list[str], *words: str) -> bool:
    return any(argv[at : at + len(words)] == list(words) for at in range(len(argv)))


def test_what_is_asked_for_becomes_options() -> None:
    plain = submission()
    assert option(plain, "-C", "", "-N", "haaaaaaaaaaaaaa")
    assert option(plain, "-l", "h_rt=3600")
    assert "-pe" not in plain
    assert not [word for word in plain if "mem" in word]
    told_all = submission(
        GridEngine(parallel_environment="sm", memory_resource="h_vmem", gpu_resource="ngpus"), cpus=8,
        memory_mb=16001, gpus=2, queue="long.q", account="osg", extra=("-P physics", "-l 'arch=lx-*'"),
    )  # fmt: skip
    for words in (
        ("-pe", "sm", "8"), ("-l", "h_vmem=2001M"), ("-l", "ngpus=2"), ("-q", "long.q"), ("-A", "osg"),
        ("-P", "physics"), ("-l", "arch=lx-*"),
    ):  # fmt: skip
        assert option(told_all, *words), words
    whole = submission(GridEngine(memory_resource="h_vmem", exclusive_resource="excl"), whole_node=True)
    assert option(whole, "-l", "excl=true")
    assert not [word for word in whole if "h_vmem" in word]
    assert plain[-1] == told_all[-1] == whole[-1] == "job.sh"
