"""The codec against what a real Slurm printed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import recordings
from recordings import stamp_of

from bosco.batch.model import Cause, CommandResult, Granted, Listing, Observation, Phase
from bosco.batch.slurm.codec import SILENTLY_GONE, Slurm
from bosco.errors import Failed
from tests.fakes.dialogue import asked as asked_for
from tests.fakes.dialogue import told

SLURM = Slurm()


def listed(result: CommandResult) -> Listing:
    return told(SLURM.listing("hce-site"), result)


def accounted(result: CommandResult) -> Listing:
    return told(SLURM.accounting("hce-site", 0, batch_ids=["1"]), result)


def cancelled(result: CommandResult) -> None:
    told(SLURM.cancel(["1"]), result)


SUBMITTED = 1795716793.0
Expected = tuple[
    Phase, str, str | None, float | None, float | None, str | None, int | None, int | None, Cause | None
]


def seen(listing: Listing) -> dict[str, Observation]:
    """By stamp. Fails when a stamp is there twice."""
    found = {job.stamp: job for job in listing.observations}
    assert len(found) == len(listing.observations)
    return found


def singles(name: str) -> CommandResult:
    """A recording without an array's tasks and jobs with sbatch's default name: of these are several."""
    said = recordings.of_ours(name)
    many = [stamp_of(job_name).encode() for job_name in (b"sbatch", b"array")]
    rows = [row for row in said.stdout.split(b"\n") if not any(stamp in row for stamp in many)]
    return CommandResult(said.exit_code, b"\n".join(rows), said.stderr)


def facts(job: Observation) -> Expected:
    return (
        job.phase, job.site_state, job.reason, job.started_at, job.ended_at, job.node, job.exit_code,
        job.exit_signal, job.cause,
    )  # fmt: skip


def pending(reason: str) -> Expected:
    return (Phase.PENDING, "PENDING", reason, None, None, None, None, None, None)


def held(reason: str) -> Expected:
    return (Phase.HELD, "PENDING", reason, None, None, None, None, None, None)


T0, T1 = SUBMITTED, SUBMITTED + 89
NODE = "node01"
RUNNING: Expected = (Phase.RUNNING, "RUNNING", None, T0, None, NODE, None, None, None)
LISTED: dict[bytes, Expected] = {
    b"completed": (Phase.ENDED, "COMPLETED", None, T0, T0, NODE, 0, None, Cause.EXITED),
    b"failed": (Phase.ENDED, "FAILED", None, T0, T0, NODE, 3, None, Cause.EXITED),
    b"signalled": (Phase.ENDED, "FAILED", None, T0, T0, NODE, 0, 9, Cause.EXITED),
    b"timed-out": (Phase.ENDED, "TIMEOUT", None, T0, T1, NODE, 0, 15, Cause.WALLTIME),
    b"removed": (Phase.ENDED, "CANCELLED", None, T0, T0, NODE, 0, 15, Cause.CANCELLED),
    b"removed-gently": (Phase.ENDED, "COMPLETED", None, T0, T0, NODE, 0, None, Cause.EXITED),
    b"removed-early": (Phase.ENDED, "CANCELLED", None, None, T0, None, 0, None, Cause.CANCELLED),
    b"running": RUNNING,
    b"suspended": (Phase.RUNNING, "SUSPENDED", None, T0, None, NODE, None, None, None),
    b"pending-begin": pending("BeginTime"),
    b"pending-resources": pending("Resources"),
    b"pending-priority": pending("Priority"),
    b"dependent": pending("Dependency"),
    b"never": pending("DependencyNeverSatisfied"),
    b"held-by-admin": held("JobHeldAdmin"),
    b"held-by-user": held("JobHeldUser"),
    b"above-limit": pending("PartitionTimeLimit"),
}
LONG = b"pilot-" + b"0123456789" * 12
ODD = "a;b|c d,e:ä\\n%s'\"".encode()


def test_SL18_a_listing_of_all_states_is_read_exactly() -> None:
    listing = listed(singles("squeue-unit-separator"))
    assert (listing.complete, listing.problem) == (True, None)
    found = seen(listing)
    assert found.keys() == {stamp_of(name) for name in [*LISTED, LONG, ODD]}
    assert {name: facts(found[stamp_of(name)]) for name in LISTED} == LISTED
    job = found[stamp_of(b"completed")]
    assert (job.batch_id, job.submitted_at) == ("1", SUBMITTED)


def test_SL18_SL19_long_and_odd_names_shift_no_field() -> None:
    found = seen(listed(singles("squeue-unit-separator")))
    assert facts(found[stamp_of(LONG)]) == facts(found[stamp_of(ODD)]) == RUNNING


def test_SL21_other_jobs_of_the_account_are_left_out() -> None:
    listing = listed(recordings.result("squeue-unit-separator"))
    assert (listing.observations, listing.complete) == ((), True)


def test_a_pending_jobs_times_are_forecasts_and_not_reported() -> None:
    assert b"1795720393" in recordings.result("squeue-unit-separator").stdout
    found = seen(listed(singles("squeue-unit-separator")))
    forecast = found[stamp_of(b"pending-resources")]
    assert (forecast.started_at, forecast.ended_at) == (None, None)


def test_SL10_a_job_that_is_started_again_is_pending_whatever_accounting_says() -> None:
    in_queue = seen(listed(recordings.of_ours("squeue-node-failure")))
    recorded = seen(accounted(recordings.of_ours("sacct-node-failure")))
    again = stamp_of(b"requeued")
    assert (in_queue[again].phase, in_queue[again].submitted_at) == (Phase.PENDING, 1795716885.0)
    assert (recorded[again].phase, recorded[again].cause) == (Phase.ENDED, Cause.NODE_FAILURE)
    assert recorded[again].submitted_at == 1795716884.0, "the one before: its submit time tells them apart"
    lost = in_queue[stamp_of(b"node-failed")]
    assert (lost.phase, lost.cause) == (Phase.ENDED, Cause.NODE_FAILURE)


def test_a_job_that_is_being_ended_has_not_ended() -> None:
    stubborn = seen(_once("completing"))[stamp_of(b"stubborn")]
    assert (stubborn.site_state, stubborn.phase, stubborn.exit_code) == ("COMPLETING", Phase.RUNNING, None)


def _once(name: str) -> Listing:
    """Without the jobs that share a name on purpose."""
    listing = listed(recordings.of_ours(f"awkward-squeue-{name}"))
    twice = stamp_of(b"twice")
    assert [job.batch_id for job in listing.observations if job.stamp == twice] == ["1", "2"], "both are told"
    rest = tuple(job for job in listing.observations if job.stamp != twice)
    return Listing(rest, listing.complete, listing.problem)


def test_SS10_a_name_that_is_not_utf_8_disturbs_nobody() -> None:
    found = seen(_once("all"))
    stubborn = found[stamp_of(b"stubborn")]
    assert (stubborn.phase, stubborn.exit_signal, stubborn.cause) == (Phase.ENDED, 9, Cause.CANCELLED)
    assert found[stamp_of(b"caf\xe9")].phase is Phase.RUNNING
    assert found[stamp_of(b"again")].phase is Phase.PENDING
    as_it_came = listed(recordings.result("awkward-squeue-all"))
    assert (as_it_came.observations, as_it_came.complete) == ((), True)


def test_jobs_cancelled_in_every_way_have_ended() -> None:
    found = seen(listed(singles("squeue-dbd-down")))
    assert {job.cause for job in found.values() if job.site_state == "CANCELLED"} == {Cause.CANCELLED}
    held = found[stamp_of(b"held-by-user")]
    assert (held.phase, held.exit_code, held.node) == (Phase.ENDED, 0, None)


GIB = 1024
BATCH = (1, "batch", None, "normal")
"""Of one node, in the queue and the QOS that jobs get who name none; charged to nobody."""
GRANTED: dict[bytes, Granted | None] = {
    b"gpus": Granted(8, 16 * GIB, 72 * 3600, 1, *BATCH),
    b"odd-memory": Granted(8, 3000, 72 * 3600, 1, *BATCH),
    b"never-began": None,
}
WHOLE_NODE = Granted(64, 4_000_000, 24 * 3600 + 60, 2, *BATCH)


def test_what_was_granted_is_told_of_jobs_that_run_or_ran() -> None:
    for name in ("squeue-gpus", "squeue-whole-node"):
        found = seen(listed(recordings.of_ours(name)))
        assert {job: found[stamp_of(job)].granted for job in GRANTED} == GRANTED, name
    assert found[stamp_of(b"whole-node")].granted == WHOLE_NODE, "not the one CPU that was asked for"
    unlimited = seen(listed(recordings.of_ours("squeue-unlimited")))[stamp_of(b"whole-node")]
    assert unlimited.granted == replace(WHOLE_NODE, walltime_s=None)
    assert unlimited.ended_at is None
    recorded = seen(accounted(recordings.of_ours("sacct-gpus")))
    expected = {**GRANTED, b"whole-node": unlimited.granted}
    assert {job: recorded[stamp_of(job)].granted for job in expected} == expected


def test_where_gpus_are_not_tracked_their_number_is_not_known() -> None:
    found = seen(listed(singles("squeue-unit-separator")))
    assert found[stamp_of(b"running")].granted == Granted(8, 8, 3600, None, *BATCH)
    assert found[stamp_of(b"timed-out")].granted == Granted(1, 1, 60, None, *BATCH)
    assert found[stamp_of(b"pending-begin")].granted is None, "it is what was asked for"
    assert found[stamp_of(b"removed-early")].granted is None


def test_an_empty_listing_is_complete() -> None:
    listing = listed(recordings.result("squeue-empty"))
    assert (listing.observations, listing.complete, listing.problem) == ((), True, None)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("squeue-controller-down", "Unable to contact slurm controller"),
        ("awkward-squeue-munge-down", "Protocol authentication error"),
        ("squeue-unknown-id", "Invalid job id specified"),
        ("squeue-unknown-user", "Invalid user"),
        ("squeue-bad-field", "Invalid job format specification"),
        ("squeue-default-widths", "rows are not in the asked format"),
        ("squeue-semicolon", "rows are not in the asked format"),
    ],
)
def test_SL2_SL18_what_is_no_listing_proves_no_absence(name: str, word: str) -> None:
    listing = listed(recordings.of_ours(name))
    assert (listing.observations, listing.complete) == ((), False)
    assert word in (listing.problem or "")


ACCOUNTED: dict[bytes, tuple[Phase, float | None, float | None, int | None, int | None, Cause | None]] = {
    b"completed": (Phase.ENDED, T0, T0, 0, None, Cause.EXITED),
    b"failed": (Phase.ENDED, T0, T0, 3, None, Cause.EXITED),
    b"signalled": (Phase.ENDED, T0, T0, 0, 9, Cause.EXITED),
    b"timed-out": (Phase.ENDED, T0, T1, 0, None, Cause.WALLTIME),
    b"running": (Phase.RUNNING, T0, None, None, None, None),
    b"suspended": (Phase.RUNNING, T0, None, None, None, None),
    b"removed": (Phase.ENDED, T0, T0, 0, None, Cause.CANCELLED),
    b"removed-gently": (Phase.ENDED, T0, T0, 0, None, Cause.EXITED),
    b"removed-early": (Phase.ENDED, None, T0, 0, None, Cause.CANCELLED),
    b"held-by-user": (Phase.PENDING, None, None, None, None, None),
    b"pending-resources": (Phase.PENDING, None, None, None, None, None),
}


def test_SL9_SL25_accounting_of_all_states_is_read_exactly() -> None:
    answer = accounted(singles("sacct-ids"))
    assert (answer.complete, answer.problem) == (True, None)
    found = seen(answer)
    assert len(found) == 19
    for name, expected in ACCOUNTED.items():
        job = found[stamp_of(name)]
        said = (job.phase, job.started_at, job.ended_at, job.exit_code, job.exit_signal, job.cause)
        assert said == expected, name
    removed = found[stamp_of(b"removed")]
    assert (removed.batch_id, removed.site_state, removed.node) == ("7", "CANCELLED by 4712", "node01")
    assert found[stamp_of(b"removed-early")].node is None, "None assigned"


def test_SL25_a_job_that_never_started_has_no_start() -> None:
    found = seen(accounted(singles("sacct-controller-down")))
    never = found[stamp_of(b"above-limit")]
    assert (never.phase, never.started_at, never.ended_at) == (Phase.ENDED, None, 1795716884.0)


@pytest.mark.parametrize(
    "name", ["sacct-empty", "sacct-id-unknown", "sacct-name-absent", "awkward-sacct-just-submitted"]
)
def test_SL5_accounting_that_knows_nothing_yet_has_answered(name: str) -> None:
    answer = accounted(recordings.result(name))
    assert (answer.observations, answer.complete, answer.problem) == ((), True, None)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("sacct-dbd-down", "Connection refused"),
        ("awkward-sacct-munge-down", "Protocol authentication error"),
        ("sacct-name-since-epoch", "Invalid time specification"),
    ],
)
def test_SL5_accounting_that_cannot_answer_is_not_silent(name: str, word: str) -> None:
    answer = accounted(recordings.result(name))
    assert (answer.observations, answer.complete) == ((), False)
    assert word in (answer.problem or "")


@pytest.mark.parametrize("name", ["sacct-disabled", "sacct-disabled-ids"])
def test_SL6_a_site_without_accounting_is_told_apart(name: str) -> None:
    answer = accounted(recordings.result(name))
    assert (answer.observations, answer.complete) == ((), True)
    assert answer.problem == "this site has no Slurm accounting"


def test_two_jobs_of_one_name_are_both_told() -> None:
    for said in (
        listed(recordings.of_ours("awkward-squeue-twice")),
        accounted(recordings.of_ours("awkward-sacct-twice")),
    ):
        assert [(job.stamp, job.batch_id) for job in said.observations] == [
            (stamp_of(b"twice"), "1"),
            (stamp_of(b"twice"), "2"),
        ]


def test_SL16_SL17_SL20_what_is_asked_is_what_was_recorded() -> None:
    asked = asked_for(SLURM.listing("hce-site"))
    recorded = recordings.argv("squeue-unit-separator")
    shown = recorded[recorded.index("-O") + 1].replace("JobID:", "JobArrayID:")  # the same, but for arrays
    assert f"--Format={shown}" in asked
    assert not [word for word in asked if "json" in word]
    fields = recordings.argv("sacct-ids")[-1].split(",")
    asked = asked_for(SLURM.accounting("hce-site", 1700000000, batch_ids=["1"]))
    [wanted] = [word.removeprefix("--format=") for word in asked if word.startswith("--format=")]
    assert wanted.replace("JobID,", "JobIDRaw,").split(",") == fields[: len(wanted.split(","))]


def test_SL8_the_time_is_written_as_sacct_takes_it() -> None:
    recorded = recordings.argv("sacct-name-since-iso")
    assert f"--starttime={recorded[recorded.index('-S') + 1]}" in asked_for(
        SLURM.accounting("u", 1700000000.5, stamps=["h"])
    )


CANCELLED: dict[str, str | None] = {
    "awkward-scancel-gently-stubborn": None,
    "awkward-scancel-munge-down": "Protocol authentication error",
    "awkward-scancel-stubborn": None,
    "scancel-controller-down": "Unable to contact slurm controller",
    "scancel-ended": None,
    "scancel-gently-controller-down": "Unable to contact slurm controller",
    "scancel-gently-failed": None,
    "scancel-gently-just-ended": None,
    "scancel-gently-pending-begin": None,
    "scancel-gently-removed-gently": None,
    "scancel-gently-several": None,
    "scancel-gently-suspended": None,
    "scancel-gently-unknown": None,
    "scancel-name-absent": None,
    "scancel-not-a-number": "Invalid job id abc",
    "scancel-of-another": "Access/permission denied",
    "scancel-pending": None,
    "scancel-running": None,
    "scancel-several": None,
    "scancel-unknown": None,
}


@pytest.mark.parametrize("name", recordings.names("scancel", "awkward-scancel"))
def test_SL24_a_cancel_is_a_request_and_fails_only_when_it_was_not_taken(name: str) -> None:
    word = CANCELLED[name]
    if word is None:
        cancelled(recordings.result(name))
    else:
        with pytest.raises(Failed, match=word):
            cancelled(recordings.result(name))


@pytest.mark.parametrize("code", SILENTLY_GONE)
def test_jobs_that_end_while_they_are_signalled_are_no_trouble(code: int) -> None:
    """Real scancels end like that when two signal the same jobs at once: tests/e2e/test_slurm_signals.py."""
    cancelled(CommandResult(code, b"", b""))
    with pytest.raises(Failed, match="socket"):
        cancelled(CommandResult(code, b"", b"scancel: error: slurm_kill_job2: Socket timed out on socket\n"))
    with pytest.raises(Failed, match="exit code 1"):
        cancelled(CommandResult(1, b"", b""))


def test_what_is_asked_gently_is_what_was_recorded() -> None:
    asked = recordings.argv("scancel-gently-several")
    ids = asked[len(asked_for(SLURM.cancel((), gentle=True))) :]
    assert asked_for(SLURM.cancel(tuple(ids), gentle=True)) == asked
    assert asked_for(SLURM.cancel(("1", "2"))) == ["scancel", "1", "2"]


def test_every_recording_of_a_listing_or_accounting_is_read_without_an_error() -> None:
    for name in recordings.names("squeue", "awkward-squeue"):
        listed(recordings.of_ours(name))
    for name in recordings.names("sacct-", "awkward-sacct"):
        accounted(recordings.of_ours(name))
