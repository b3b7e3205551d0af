"""The codec against what a real HTCondor printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bosco.batch.htcondor.ads import ATTRIBUTES
from bosco.batch.htcondor.codec import HTCondor
from bosco.batch.model import Cause, CommandResult, Granted, Listing, Observation, Phase
from bosco.errors import Failed, Interrupted, Refusal
from tests.fakes.dialogue import asked, told

FOLDER = Path(__file__).parents[2] / "corpora" / "htcondor-25"
HTCONDOR = HTCondor()


def recorded(name: str) -> CommandResult:
    """The answer as it came."""
    stdout, stderr = ((FOLDER / f"{name}.{output}").read_bytes() for output in ("stdout", "stderr"))
    return CommandResult(int((FOLDER / f"{name}.rc").read_text()), stdout, stderr)


def argv(name: str) -> list[str]:
    """The command that was recorded."""
    return list(json.loads((FOLDER / f"{name}.argv").read_text()))


def listed(name: str) -> Listing:
    return told(HTCONDOR.listing("osg01"), recorded(f"condor_q-{name}"))


def accounted(name: str) -> Listing:
    return told(HTCONDOR.accounting("osg01", 0, batch_ids=["1.0"]), recorded(f"condor_history-{name}"))


def seen(name: str) -> dict[str, Observation]:
    """By what happened to the job. Fails when a stamp is there twice."""
    listing = listed(name)
    assert listing.complete, listing.problem
    found = {job.stamp.removeprefix("hq").lstrip("a"): job for job in listing.observations}
    assert len(found) == len(listing.observations)
    return found


def phases(name: str) -> dict[str, Phase]:
    return {job: found.phase for job, found in seen(name).items()}


def ends(name: str) -> dict[str, tuple[Cause | None, int | None, int | None]]:
    """Cause, exit code, signal of those that have ended."""
    return {
        job: (found.cause, found.exit_code, found.exit_signal)
        for job, found in seen(name).items()
        if found.phase is Phase.ENDED
    }


def test_what_is_asked_is_what_was_recorded() -> None:
    assert asked(HTCONDOR.listing("USER"))[2:] == argv("condor_q-running")[2:]
    assert asked(HTCONDOR.listing("USER"))[:2] == ["condor_q", "USER"]
    stamps = argv("condor_history-stamps")[2].partition('"')[2].partition('"')[0].split(",")
    assert asked(HTCONDOR.accounting("USER", 0, stamps=stamps)) == argv("condor_history-stamps")
    ids = [f"{number}.0" for number in range(1, 15)]
    assert asked(HTCONDOR.accounting("USER", 0, batch_ids=ids)) == argv("condor_history-ids")


def test_jobs_that_wait_run_and_are_held() -> None:
    found = seen("running")
    running, pending, held = found["running"], found["pending"], found["held"]
    assert (running.phase, running.site_state, running.node) == (Phase.RUNNING, "Running", "cluster.lab.test")
    assert running.granted == Granted(cpus=2, memory_mb=128, walltime_s=3600, gpus=1)
    assert running.started_at is not None
    assert (pending.phase, pending.site_state, pending.reason) == (Phase.PENDING, "Idle", "no match found")
    assert (pending.started_at, pending.node, pending.granted) == (None, None, None)
    assert (held.phase, held.reason) == (Phase.HELD, "submitted on hold at user's request")
    assert running.batch_id == "3.0"


def test_HC3_held_is_neither_ended_nor_forgotten() -> None:
    found = seen("ended")
    assert found["held"].phase is Phase.HELD
    inputless = found["inputless"]
    assert (inputless.phase, inputless.started_at) == (Phase.HELD, None)
    assert (inputless.reason or "").startswith("Transfer input files failure")


def test_HC3_one_that_has_begun_and_is_held_has_ended() -> None:
    held = ends("held")
    assert held["walltime"][0] is Cause.WALLTIME
    assert held["memory"][0] is Cause.MEMORY


def test_every_end_has_its_cause() -> None:
    assert ends("ended") == {
        "completed": (Cause.EXITED, 0, None),
        "failed": (Cause.EXITED, 3, None),
        "removed": (Cause.CANCELLED, 5, None),
        "removedearly": (Cause.CANCELLED, None, None),
        "stubborn": (Cause.CANCELLED, None, 9),
        "evicted": (Cause.PREEMPTED, 143, None),
        "crashed": (Cause.NODE_FAILURE, None, None),
        "walltime": (Cause.WALLTIME, 143, None),
        "memory": (Cause.MEMORY, None, None),
    }
    reasons = {job: found.reason for job, found in seen("ended").items()}
    assert reasons["walltime"] == "The job exceeded allowed execute duration of 00:05"
    assert reasons["evicted"] == "Job vacated by schedd"
    assert (reasons["removed"] or "").startswith("via condor_rm")


def test_a_job_that_is_being_removed_still_runs() -> None:
    """Its status says Removed from the moment of condor_rm on."""
    stubborn = seen("ending")["stubborn"]
    assert (stubborn.phase, stubborn.site_state) == (Phase.RUNNING, "Removed")
    assert stubborn.cause is None


def test_HC5_a_completed_job_that_is_removed_stays_completed() -> None:
    before, after = seen("ended")["completed"], seen("removed-after-its-end")["completed"]
    assert (before.site_state, after.site_state) == ("Completed", "Removed")
    for job in (before, after):
        assert (job.phase, job.cause, job.exit_code) == (Phase.ENDED, Cause.EXITED, 0)
    assert before.ended_at == after.ended_at


def test_HC5_what_has_ended_once_never_runs_again() -> None:
    over: set[str] = set()
    for name in ("running", "held", "ending", "ended", "removed-after-its-end"):
        now = {job for job, phase in phases(name).items() if phase is Phase.ENDED}
        assert over <= now
        over = now


def test_HC1_no_jobs_are_printed_as_nothing() -> None:
    answer = recorded("condor_q-empty")
    assert (answer.exit_code, answer.stdout) == (0, b"")
    assert listed("empty") == Listing((), complete=True)


@pytest.mark.parametrize("name", ["schedd-down", "schedd-hangs", "all-down", "bad-constraint"])
def test_HC4_no_answer_proves_nothing_and_is_told(name: str) -> None:
    listing = listed(name)
    assert (listing.observations, listing.complete) == ((), False)
    assert (listing.problem or "").startswith("condor_q: ")


def test_HC2_what_has_left_the_queue_is_in_the_history() -> None:
    for name in ("stamps", "ids"):
        records = accounted(name)
        assert records.complete
        ended = {job.stamp.removeprefix("hq").lstrip("a"): job for job in records.observations}
        assert {name: (job.cause, job.exit_code) for name, job in ended.items()} == {
            name: (cause, code) for name, (cause, code, _) in ends("removed-after-its-end").items()
        }
    for name in ("empty", "later"):
        assert accounted(name) == Listing((), complete=True)
    assert accounted("schedd-down").observations, "it is a file"


def test_HC2_a_site_without_history_is_told_apart() -> None:
    none = accounted("none")
    assert (none.observations, none.complete) == ((), True)
    assert none.problem


def test_HC6_what_is_undefined_is_left_out() -> None:
    [ad, *_] = json.loads(recorded("condor_q-running").stdout)
    assert set(ad) < set(ATTRIBUTES)
    assert "undefined" not in json.dumps(ad)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("above-limit", Refusal.LIMIT),
        ("too-many-at-once", Refusal.LIMIT),
        ("requirement", Refusal.PERMANENT),
        ("bad-group", Refusal.PERMANENT),
        ("bad-requirements", Refusal.PERMANENT),
        ("bad-syntax", Refusal.PERMANENT),
        ("bad-universe", Refusal.PERMANENT),
        ("schedd-down", Refusal.TRANSIENT),
        ("all-down", Refusal.TRANSIENT),
    ],
)
def test_every_recorded_refusal_has_its_meaning(name: str, refusal: Refusal) -> None:
    with pytest.raises(Failed) as refused:
        HTCONDOR.submitted(recorded(f"condor_submit-{name}"))
    assert refused.value.refusal is refusal


@pytest.mark.parametrize("name", ["accepted", "unknown-word", "bad-memory", "within-limit"])
def test_what_was_accepted_has_an_id_whatever_was_said_beside_it(name: str) -> None:
    answer = recorded(f"condor_submit-{name}")
    assert HTCONDOR.submitted(answer) == answer.stdout.decode().partition(" ")[0]


@pytest.mark.parametrize(
    "stderr",
    [
        b"\nERROR: Failed to commit job submission into the queue.\n",
        b"",
        b"ERROR: something that nobody has seen before\n",
    ],
)
def test_a_failure_that_may_have_submitted_the_job_is_in_doubt(stderr: bytes) -> None:
    with pytest.raises(Interrupted):
        HTCONDOR.submitted(CommandResult(1, b"", stderr))


def test_a_submission_that_was_cut_off_is_in_doubt() -> None:
    for answer in (
        CommandResult(0, b"1.0 - 1.0\n", complete=False),
        CommandResult(0, b""),
        CommandResult(0, b"1.0 - 1.1\n"),
        CommandResult(-9, b"", b"ERROR: Failed to connect to local queue manager\n"),
    ):
        with pytest.raises(Interrupted):
            HTCONDOR.submitted(answer)


@pytest.mark.parametrize("name", ["", "-twice", "-ended", "-unknown", "-mixed", "-gentle", "-gentle-none"])
def test_a_cancel_that_was_taken_or_not_needed(name: str) -> None:
    told(HTCONDOR.cancel(["1.0"]), recorded(f"condor_rm{name}"))


@pytest.mark.parametrize("name", ["-schedd-down", "-gentle-schedd-down", "-all-down", "-gentle-all-down"])
def test_a_cancel_that_was_not_taken_fails(name: str) -> None:
    with pytest.raises(Failed, match="condor_rm"):
        told(HTCONDOR.cancel(["1.0"]), recorded(f"condor_rm{name}"))


def test_cancels_go_by_id_and_the_gentle_one_takes_those_that_run() -> None:
    assert asked(HTCONDOR.cancel(["7.0", "9.0"])) == ["condor_rm", "7.0", "9.0"]
    gently = "JobStatus == 2 && member(ClusterId, {7,9})"
    assert asked(HTCONDOR.cancel(["7.0", "9.0"], gentle=True)) == ["condor_rm", "-constraint", gently]
