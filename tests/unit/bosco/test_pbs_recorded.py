"""The codec against what a real OpenPBS and a real Torque printed."""

from __future__ import annotations

import re

import pytest
from pbs_recordings import OPENPBS, TORQUE, answer, answers, as_dsv, of_ours
from recordings import stamp_of

from bosco.batch.model import Cause, CommandResult, Granted, Listing, Observation, Phase
from bosco.batch.pbs.codec import Pbs
from bosco.batch.pbs.text import read
from tests.fakes.dialogue import conversation, told

OPEN, TORQ = Pbs("openpbs"), Pbs("torque")
USER = "pbsuser"
AT = 1795324989.0
"""Sun Nov 22 05:23:09 2026, when most of OpenPBS's jobs were submitted."""
TORQUE_AT = 1795327649.0
TOO_MANY = "job held, too many failed attempts to run"
Facts = tuple[Phase, str, int | None, int | None, Cause | None]


def known(*ids: str) -> CommandResult:
    return CommandResult(0, "".join(f"{one}\n" for one in ids).encode())


def listed(result: CommandResult, *ids: str) -> Listing:
    return told(OPEN.listing(USER), known(*ids), of_ours(result))


def recorded(result: CommandResult, *ids: str) -> Listing:
    return told(OPEN.accounting(USER, 0, batch_ids=ids), of_ours(result))


def torque(result: CommandResult) -> Listing:
    return told(TORQ.listing(USER), of_ours(result))


def only(listing: Listing) -> Observation:
    assert listing.complete, listing.problem
    assert listing.problem is None
    (job,) = listing.observations
    return job


def facts(job: Observation) -> Facts:
    return job.phase, job.site_state, job.exit_code, job.exit_signal, job.cause


def test_a_running_job_in_every_form_of_openpbs() -> None:
    seen = only(listed(answer(OPENPBS, "qstat -f -F dsv 3"), "3.pbs1"))
    assert seen == Observation(
        stamp=stamp_of(b"longjob"), batch_id="3.pbs1", phase=Phase.RUNNING, site_state="R", submitted_at=AT,
        started_at=AT, node="pbs1", granted=Granted(cpus=1, walltime_s=600, nodes=1, queue="workq"),
    )  # fmt: skip
    for form in ("qstat -f 3", "qstat -f -w 3"):
        assert only(listed(answer(OPENPBS, form), "3.pbs1")) == seen


def test_PB13_a_folded_job_has_the_attributes_of_an_unfolded_one() -> None:
    folded, whole, line = (
        read(answer(OPENPBS, form).stdout.decode()).jobs[0]
        for form in ("qstat -f 3", "qstat -f -w 3", "qstat -f -F dsv 3")
    )
    assert folded == whole == line


def test_json_of_a_job_says_what_its_dsv_says() -> None:
    """So that recordings of other jobs' JSON may stand for their dsv, in this module."""
    assert as_dsv(answer(OPENPBS, "qstat -f -F json 3")).stdout == answer(OPENPBS, "qstat -f -F dsv 3").stdout


@pytest.mark.parametrize(
    ("number", "name", "expected", "reason"),
    [
        (1, b"okjob", (Phase.ENDED, "F", 0, None, Cause.EXITED), None),
        (2, b"badjob", (Phase.ENDED, "F", 3, None, Cause.EXITED), None),
        (7, b"waltime", (Phase.ENDED, "F", None, None, Cause.WALLTIME), "exceeded resource walltime"),
        (3, b"longjob", (Phase.ENDED, "F", None, 15, Cause.CANCELLED), "terminated by pbsuser@pbs1"),
        (4, b"heldjob", (Phase.ENDED, "F", None, None, Cause.CANCELLED), None),
    ],
)
def test_PB8_ends_in_the_history(number: int, name: bytes, expected: Facts, reason: str | None) -> None:
    job = only(recorded(as_dsv(answer(OPENPBS, f"qstat -x -f -F json {number}")), f"{number}.pbs1"))
    assert (job.stamp, facts(job)) == (stamp_of(name), expected)
    assert (job.reason or "").endswith(reason or "")
    assert (job.reason is None) is (reason is None)
    assert job.submitted_at == AT


def test_a_job_that_never_ran_has_no_start_and_no_node() -> None:
    job = only(recorded(as_dsv(answer(OPENPBS, "qstat -x -f -F json 4")), "4.pbs1"))
    assert (job.started_at, job.node, job.granted, job.used) == (None, None, None, None)
    assert job.ended_at == AT + 43


def test_what_was_granted_and_used() -> None:
    job = only(recorded(as_dsv(answer(OPENPBS, "qstat -x -f -F json 1")), "1.pbs1"))
    assert job.granted == Granted(2, 100, 300, None, 1, "workq", "acct1")
    assert job.used is not None
    assert (job.used.user_cpu_s, job.used.system_cpu_s, job.used.peak_memory_mb) == (0.0, None, 7)


@pytest.mark.parametrize(
    ("number", "phase", "state", "reason"),
    [
        (5, Phase.PENDING, "Q", "Can Never Run: Insufficient amount of resource: ncpus (R: 65 A: 64 T: 64)"),
        (6, Phase.PENDING, "Q", "Not Running: Queue not started."),
        (4, Phase.HELD, "H", "held by user"),
        (8, Phase.PENDING, "W", None),
    ],
)
def test_PB9_jobs_that_wait(number: int, phase: Phase, state: str, reason: str | None) -> None:
    job = only(listed(as_dsv(answer(OPENPBS, f"qstat -f -F json {number}")), f"{number}.pbs1"))
    assert facts(job) == (phase, state, None, None, None)
    assert job.reason == reason
    assert (job.started_at, job.node, job.granted) == (None, None, None)


def test_PB1_all_have_finished_is_an_answer() -> None:
    """Exit code 35. The history tells how they ended."""
    assert listed(answer(OPENPBS, "qstat -E -f 7"), "7.pbs1") == Listing((), complete=True)


def test_PB2_all_are_unknown_is_an_answer() -> None:
    """Exit code 153; with -E, qstat speaks of the last one only."""
    unknown = answer(OPENPBS, "qstat -E -f 99998 99999")
    assert listed(unknown, "99998.pbs1", "99999.pbs1") == Listing((), complete=True)
    assert recorded(unknown, "99998.pbs1", "99999.pbs1") == Listing((), complete=True)


def test_PB2_one_is_unknown_and_the_others_are_there() -> None:
    both = answer(OPENPBS, 'qstat -f -F dsv -D "|" 3 4')
    seen = listed(both, "3.pbs1", "9999.pbs1", "4.pbs1")
    assert seen.complete
    assert [job.batch_id for job in seen.observations] == ["3.pbs1", "4.pbs1"]


def test_an_id_that_was_not_understood_makes_the_listing_incomplete() -> None:
    """Recorded with exit code 0."""
    both = answer(OPENPBS, 'qstat -f -F dsv -D "|" 3 4')
    odd = b"qstat: illegally formed job identifier: 7.otherserver\n"
    seen = listed(CommandResult(0, both.stdout, odd), "3.pbs1", "4.pbs1", "7.otherserver")
    assert not seen.complete
    assert "7.otherserver" in (seen.problem or "")
    assert len(seen.observations) == 2


@pytest.mark.parametrize(
    "command", ["qstat -E -x -f -F json 2001.pbs1", "qstat -x 2001.pbs1", "qstat -x -f -F json 2000.pbs1"]
)
def test_PB3_without_history_the_answer_is_silence_with_exit_code_0(command: str) -> None:
    seen = recorded(answer(OPENPBS, command), "2001.pbs1")
    assert (seen.observations, seen.complete) == ((), True)
    assert "job_history_enable" in (seen.problem or "")


def test_PB3_nor_can_a_stamp_be_looked_up() -> None:
    silence = answer(OPENPBS, "qselect -x -N hist")
    seen = told(OPEN.accounting(USER, 0, stamps=["habcdefghijklmn"]), silence)
    assert (seen.observations, seen.complete) == ((), True)
    assert "job_history_enable" in (seen.problem or "")


def test_PB14_a_server_that_is_away() -> None:
    away = answer(OPENPBS, "qselect -N mine", 1)
    assert away.exit_code == 162
    seen = told(OPEN.listing(USER), away)
    assert (seen.observations, seen.complete) == ((), False)
    assert "cannot connect to server pbs1" in (seen.problem or "")
    for command in ("qstat -f -F json", "qstat -x -f -F json 1"):
        gone = next(r for c, r in answers(OPENPBS) if c.endswith(command) and r.exit_code == 255)
        assert not listed(gone, "3.pbs1").complete
        assert not recorded(gone, "3.pbs1").complete


def test_a_listing_of_nobody_is_complete() -> None:
    assert conversation(OPEN.listing(USER), known()) == (
        [*conversation(OPEN.listing(USER), known())[0]],
        Listing((), complete=True),
    )


def test_arrays_are_never_ours() -> None:
    asked, seen = conversation(OPEN.listing(USER), known("45[].pbs1"))
    assert len(asked) == 1
    assert seen == Listing((), complete=True)


@pytest.mark.parametrize(
    ("command", "nth", "expected"),
    [
        ("qstat -f 1.torque1", 0, (Phase.ENDED, "C", 0, None, Cause.EXITED)),
        ("qstat -f 2.torque1", 0, (Phase.ENDED, "C", 3, None, Cause.EXITED)),
        ("qstat -f -1 3.torque1", 0, (Phase.RUNNING, "R", None, None, None)),
        ("qstat -f 3.torque1", 1, (Phase.ENDED, "C", None, 15, Cause.CANCELLED)),
        ("qstat -f 4.torque1", 0, (Phase.HELD, "H", None, None, None)),
        ("qstat -f 6.torque1", 0, (Phase.PENDING, "Q", None, None, None)),
        ("qstat -f 7.torque1", 0, (Phase.ENDED, "C", None, None, Cause.WALLTIME)),
        ("qstat -f 8.torque1", 0, (Phase.PENDING, "W", None, None, None)),
    ],
)
def test_PB8_PB9_states_and_ends_of_torque(command: str, nth: int, expected: Facts) -> None:
    job = only(torque(answer(TORQUE, command, nth)))
    assert facts(job) == expected
    assert job.submitted_at == TORQUE_AT


def test_PB10_torques_times_are_read_in_utc() -> None:
    job = only(torque(answer(TORQUE, "qstat -f 7.torque1")))
    assert (job.started_at, job.ended_at, job.node) == (TORQUE_AT, TORQUE_AT + 10, "torque1")
    assert job.granted == Granted(cpus=1, walltime_s=5, nodes=1, queue="batch")


def test_torques_cpus_are_nodes_times_ppn() -> None:
    job = only(torque(answer(TORQUE, "qstat -f 1.torque1")))
    assert job.granted == Granted(2, None, 300, None, 1, "batch", "acct1")


def test_the_whole_queue_of_torque() -> None:
    whole = answer(TORQUE, "qstat -f ")
    seen = torque(whole)
    assert seen.complete, seen.problem
    assert len(seen.observations) == whole.stdout.count(b"Job Id:") == 10


def test_jobs_of_others_are_left_out() -> None:
    """Where Torque's query_other_jobs is on, all are listed."""
    theirs = answer(TORQUE, "qstat -f -1 3.torque1")
    seen = told(TORQ.listing("somebody"), of_ours(theirs))
    assert seen == Listing((), complete=True)


def test_an_empty_torque_prints_nothing() -> None:
    assert torque(answer(TORQUE, "qstat -f")) == Listing((), complete=True)


def test_a_torque_that_is_away_lists_nothing_and_says_so() -> None:
    for command in ("qstat", "qstat -f 1"):
        for said, result in answers(TORQUE):
            if said.endswith(f" {command}") and result.exit_code in (33, 111):
                seen = torque(result)
                assert (seen.observations, seen.complete) == ((), False)
                assert seen.problem


def test_torque_keeps_no_records() -> None:
    seen = told(TORQ.accounting(USER, 0, batch_ids=["1.torque1"]))
    assert (seen.observations, seen.complete) == ((), True)
    assert "keep_completed" in (seen.problem or "")


@pytest.mark.parametrize("folder", [OPENPBS, TORQUE])
def test_the_site_says_which_one_it_is(folder: object) -> None:
    version = answer(OPENPBS if folder == OPENPBS else TORQUE, "qsub --version; qstat --version")
    asked, seen = conversation(Pbs().accounting(USER, 0), CommandResult(0, version.stdout, version.stderr))
    assert [list(command.argv) for command in asked] == [["qstat", "--version"]]
    assert seen.complete
    assert ("keep_completed" in (seen.problem or "")) is (folder == TORQUE)


def test_neither_of_them_is_a_problem() -> None:
    seen = told(Pbs().listing(USER), CommandResult(127, b"", b"[Errno 2] No such file or directory: 'qstat'"))
    assert (seen.observations, seen.complete) == ((), False)
    assert "No such file" in (seen.problem or "")


@pytest.mark.parametrize("folder", [OPENPBS, TORQUE])
def test_PB4_whatever_was_recorded_is_read_without_an_error(folder: object) -> None:
    where, codec = (OPENPBS, OPEN) if folder == OPENPBS else (TORQUE, TORQ)
    for said, result in answers(where):
        if result.exit_code == 2:  # then it would ask again, without options
            continue
        answers_left = [known("1.pbs1"), of_ours(result)] if where == OPENPBS else [of_ours(result)]
        seen = told(codec.listing(USER), *answers_left)
        if "json" in said and result.stdout and b"Job Id" not in result.stdout:
            assert not seen.complete, said


@pytest.mark.parametrize(
    "text",
    ["Exit_status = -27", "Exit_status = -26"],
)
def test_memory_in_openpbs(text: str) -> None:
    assert only(history(text)).cause is Cause.MEMORY


def history(*lines: str) -> Listing:
    """A finished job of OpenPBS with these attributes, too (as recorded in 17-startfail-mem)."""
    base = ["Job_Name = habcdefghijklmn", "job_state = F", "exec_host = pbs1/0", *lines]
    kept = {re.split(" = ", line)[0]: line for line in base}
    text = "Job Id: 5.pbs1\n" + "".join(f"    {line}\n" for line in kept.values()) + "\n"
    return told(OPEN.accounting(USER, 0, batch_ids=["5.pbs1"]), CommandResult(0, text.encode()))


def test_a_job_whose_prologue_aborts_has_not_started() -> None:
    comment = "comment = Job run at Sun Nov 22 at 06:39 on (pbs1:ncpus=1) and failed"
    job = only(history("Exit_status = -2", "substate = 93", comment))
    assert facts(job) == (Phase.ENDED, "F", None, None, Cause.NOT_STARTED)
    assert job.reason is not None


def test_twenty_one_failed_starts_hold_a_job_which_has_an_exit_status_and_not_ended() -> None:
    job = only(
        history(
            "job_state = H",
            "Hold_Types = s",
            "Exit_status = -3",
            "comment = job held, too many failed attempts to run",
        )
    )
    assert facts(job) == (Phase.HELD, "H", None, None, None)
    assert job.reason == f"held by system; {TOO_MANY}"


def test_a_job_that_exits_has_an_exit_status_and_not_ended() -> None:
    """Staging out may take half a minute."""
    job = only(history("job_state = E", "substate = 51", "Exit_status = 0"))
    assert facts(job) == (Phase.RUNNING, "E", None, None, None)


@pytest.mark.parametrize("status", [-4, -6, -20])
def test_a_job_that_its_node_lost(status: int) -> None:
    assert only(history(f"Exit_status = {status}")).cause is Cause.NODE_FAILURE


@pytest.mark.parametrize("status", [127, 137, 143, 15, 255])
def test_a_programs_own_exit_code(status: int) -> None:
    assert facts(only(history(f"Exit_status = {status}"))) == (Phase.ENDED, "F", status, None, Cause.EXITED)


def test_PB8_a_signal_through_pbs() -> None:
    assert facts(only(history("Exit_status = 266"))) == (Phase.ENDED, "F", None, 10, Cause.EXITED)


def test_deleted_although_its_shell_ended_by_itself() -> None:
    assert only(history("Exit_status = 7", "substate = 91")).cause is Cause.CANCELLED


def test_PB9_moved_to_another_server_is_alive_and_not_to_be_judged() -> None:
    assert only(history("job_state = M", "substate = 94")).phase is Phase.UNKNOWN


@pytest.mark.parametrize("state", ["S", "U"])
def test_PB9_suspended_is_running(state: str) -> None:
    assert only(history(f"job_state = {state}")).phase is Phase.RUNNING
