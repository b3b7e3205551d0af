"""The LSF codec against what IBM documents that LSF prints (10.1)."""

from __future__ import annotations

import json

import pytest

from bosco.batch.lsf.codec import Lsf
from bosco.batch.model import (
    BatchRequest,
    Cause,
    CommandResult,
    Granted,
    InputFile,
    Listing,
    Observation,
    Phase,
    Used,
)
from bosco.errors import Failed, Interrupted, Refusal
from tests.fakes.dialogue import conversation, told

LSF = Lsf()
FOLDER = "/home/site/hosted-ce/pilots/habcdefghijklmn"
STAMP = "habcdefghijklmn"
NOTHING = CommandResult(255, b"", b"No job found\n")


def words(**more: object) -> list[str]:
    asked = {"walltime_s": 93784, "cpus": 8, "memory_mb": 16000, **more}
    inputs = (InputFile("pilot.sh", "0" * 64, executable=True),)
    request = BatchRequest(STAMP, "pilot.sh", inputs, **asked)  # type: ignore[arg-type]
    job = LSF.submission(request, FOLDER)
    assert job.argv[0] == "bsub"
    assert job.argv[-2:] == ("/bin/sh", "job.sh")
    return list(job.argv[1:-2])


def test_the_options() -> None:
    assert words() == [
        "-J", STAMP, "-o", f"{FOLDER}/scheduler.log", "-rn", "-W", "26:04", "-n", "8", "-M", "16000MB",
        "-R", "span[hosts=1] rusage[mem=16000MB]", "-wa", "URG", "-wt", "2",
    ]  # fmt: skip


def test_a_short_job_gets_no_notice() -> None:
    assert "-wa" not in words(walltime_s=3599)


def test_where_for_whom_and_with_what() -> None:
    asked = words(queue="long", account="osg", gpus=2, extra=("-app pilots", '-R "select[type==any]"'))
    assert asked[-10:] == [
        "-gpu", "num=2", "-q", "long", "-P", "osg", "-app", "pilots", "-R", "select[type==any]",
    ]  # fmt: skip


def test_a_whole_node_has_all_its_memory() -> None:
    asked = words(whole_node=True)
    assert "-x" in asked
    assert "-M" not in asked
    assert asked[asked.index("-R") + 1] == "span[hosts=1]"


def test_a_qos_is_refused() -> None:
    with pytest.raises(Failed, match="QOS") as refused:
        words(qos="high")
    assert refused.value.refusal is Refusal.PERMANENT


def test_commands_give_up_on_a_cluster_that_is_away() -> None:
    """By themselves they try for ever."""
    for dialogue in (LSF.listing("me"), LSF.accounting("me", 0, batch_ids=["1"]), LSF.cancel(["1"])):
        assert next(dialogue).environment["LSB_NTRIES"] == "2"


def test_SL13_the_id_wins_over_noise() -> None:
    said = b"Job <4711> is submitted to default queue <normal>.\n"
    assert LSF.submitted(CommandResult(0, said, b"esub: be nice\n")) == "4711"


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (b"nosuch: No such queue. Job not submitted.\n", Refusal.PERMANENT),
        (b"Request aborted by esub. Job not submitted.\n", Refusal.PERMANENT),
        (b"RUNLIMIT: Cannot exceed queue's hard limit(s). Job not submitted.\n", Refusal.PERMANENT),
        (b"User's pending job slot limit reached. Job not submitted.\n", Refusal.LIMIT),
        (b"long: Queue has been closed. Job not submitted.\n", Refusal.TRANSIENT),
        (b"LSF is down. Please wait ...\nLSF is down. Please wait ...\n", Refusal.TRANSIENT),
    ],
)
def test_refusals(said: bytes, refusal: Refusal) -> None:
    with pytest.raises(Failed) as refused:
        LSF.submitted(CommandResult(255, b"", said))
    assert refused.value.refusal is refusal


@pytest.mark.parametrize(
    "result",
    [
        CommandResult(255, b"", b"Failed in receiving a message from mbatchd\n"),
        CommandResult(255, b"", b""),
        CommandResult(0, b"", b""),
        CommandResult(-15, b"", b"nosuch: No such queue. Job not submitted.\n"),
        CommandResult(
            255, b"Job <1> is submitted to queue <a>.\n", b"x: No such queue. Job not submitted.\n"
        ),
        CommandResult(0, b"Job <1> is submitted to queue <a>.\n", complete=False),
    ],
)
def test_what_is_not_certainly_a_no_is_doubtful(result: CommandResult) -> None:
    with pytest.raises(Interrupted):
        LSF.submitted(result)


def record(**more: str) -> dict[str, str]:
    said = {
        "JOBID": "7", "JOB_NAME": STAMP, "STAT": "RUN", "PEND_REASON": "",
        "SUBMIT_TIME": "Mar 13 17:32:05 2026", "START_TIME": "Mar  3 17:33:05 2026",
        "FINISH_TIME": "Mar 13 18:33:05 2026 L", "EXEC_HOST": "4*hostA:2*hostB", "EXIT_CODE": "",
        "EXIT_REASON": "", "NALLOC_SLOT": "6", "RUNTIMELIMIT": "60.0/hostA", "MEMLIMIT": "2 Gbytes",
        "CPU_USED": "1.5 second(s)", "MAX_MEM": "512 Mbytes", "QUEUE": "normal", "PROJ_NAME": "osg",
    }  # fmt: skip
    return {**said, **more}


def bjobs(*records: dict[str, str], count: int | None = None) -> CommandResult:
    jobs = len(records) if count is None else count
    return CommandResult(0, json.dumps({"COMMAND": "bjobs", "JOBS": jobs, "RECORDS": records}).encode())


def only(result: CommandResult) -> Observation:
    listing = told(LSF.listing("me"), result)
    assert listing.complete, listing.problem
    (job,) = listing.observations
    return job


def test_a_running_job() -> None:
    assert only(bjobs(record())) == Observation(
        stamp=STAMP, batch_id="7", phase=Phase.RUNNING, site_state="RUN", submitted_at=1773423125.0,
        started_at=1772559185.0, node="hostA,hostB",
        granted=Granted(cpus=6, memory_mb=2048, walltime_s=3600, queue="normal", account="osg"),
    )  # fmt: skip


def test_ended_jobs() -> None:
    done = only(bjobs(record(STAT="DONE", FINISH_TIME="Mar 13 18:33:05 2026")))
    assert (done.exit_code, done.cause, done.ended_at) == (0, Cause.EXITED, 1773426785.0)
    assert done.used == Used(user_cpu_s=1.5, peak_memory_mb=512)
    failed = only(bjobs(record(STAT="EXIT", EXIT_CODE="3")))
    assert (failed.exit_code, failed.cause) == (3, Cause.EXITED)


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("TERM_RUNLIMIT: job killed after reaching LSF run time limit", Cause.WALLTIME),
        ("TERM_MEMLIMIT: job killed after reaching LSF memory usage limit", Cause.MEMORY),
        ("TERM_OWNER: job killed by owner", Cause.CANCELLED),
        ("TERM_ADMIN: job killed by root or LSF administrator", Cause.CANCELLED),
        ("TERM_PREEMPT: job killed after preemption", Cause.PREEMPTED),
        ("TERM_ZOMBIE: job exited while LSF is not available", Cause.NODE_FAILURE),
        ("TERM_SOMETHING_NEW: no idea", Cause.CANCELLED),
    ],
)
def test_why_a_job_ended(reason: str, cause: Cause) -> None:
    job = only(bjobs(record(STAT="EXIT", EXIT_CODE="140", EXIT_REASON=reason)))
    assert (job.cause, job.exit_code, job.reason) == (cause, None, reason)


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        ("PEND", Phase.PENDING), ("PSUSP", Phase.HELD), ("USUSP", Phase.RUNNING), ("SSUSP", Phase.RUNNING),
        ("UNKWN", Phase.UNKNOWN), ("ZOMBI", Phase.UNKNOWN), ("NEW", Phase.UNKNOWN),
    ],
)  # fmt: skip
def test_states(state: str, phase: Phase) -> None:
    assert only(bjobs(record(STAT=state))).phase is phase


def test_a_job_that_waits_says_why() -> None:
    waits = record(
        STAT="PEND", START_TIME="-", EXEC_HOST="-", FINISH_TIME="-", PEND_REASON="Not enough slots;"
    )
    job = only(bjobs(waits))
    assert (job.reason, job.node, job.started_at, job.granted) == ("Not enough slots;", None, None, None)


def test_killed_before_it_began() -> None:
    gone = record(STAT="EXIT", START_TIME="-", EXEC_HOST="-", EXIT_REASON="TERM_OWNER: job killed by owner")
    assert only(bjobs(gone)).cause is Cause.CANCELLED


def test_a_date_without_a_year_is_not_guessed() -> None:
    assert only(bjobs(record(SUBMIT_TIME="Mar 13 17:32"))).submitted_at is None


def test_no_jobs_is_an_answer_with_any_exit_code() -> None:
    for code in (0, 255):
        for text in (b"No job found\n", b"No unfinished job found\n"):
            assert told(LSF.listing("me"), CommandResult(code, b"", text)) == Listing((), complete=True)


@pytest.mark.parametrize(
    "result",
    [
        CommandResult(255, b"", b"LSF is down. Please wait ...\n"),
        CommandResult(0, b""),
        CommandResult(0, b'{"COMMAND":"bjobs","JOBS":1,"RECO'),
        CommandResult(0, b"[1]"),
        bjobs(record(), count=2),
        CommandResult(0, bjobs(record()).stdout, complete=False),
        CommandResult(255, bjobs(record()).stdout),
    ],
)
def test_SL19_what_is_not_the_whole_list_says_so(result: CommandResult) -> None:
    listing = told(LSF.listing("me"), result)
    assert not listing.complete
    assert listing.problem is not None


HISTORY = f"""
Job <7>, Job Name <{STAMP}>, User <me>, Project <default>, Command </bin/sh job.sh>
Fri Mar 13 17:32:05 2026: Submitted from host <login1>, to Queue <normal>, CWD </home/me>;
Fri Mar 13 17:33:05 2026: Dispatched 1 Task(s) on Host(s) <hostA>, Allocated 1 Slot(s) on Host(s) <hostA>;
Fri Mar 13 17:33:05 2026: Starting (Pid 4711);
Fri Mar 13 18:33:05 2026: END
"""


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("Done successfully. The CPU time used is 1.5 seconds;", (0, None, Cause.EXITED)),
        ("Exited with exit code 3. The CPU time used is 0.1 seconds;", (3, None, Cause.EXITED)),
        ("Exited by signal 2. The CPU time used is 0.1 seconds;", (None, 2, Cause.EXITED)),
        (
            "Exited with exit code 140. The CPU time used is 0.1 seconds; TERM_RUNLIMIT: job killed after "
            "reaching LSF run time limit;",
            (140, None, Cause.WALLTIME),
        ),
        ("Exited; TERM_OWNER: job killed by owner;", (None, None, Cause.CANCELLED)),
    ],
)
def test_the_history_of_a_job(end: str, expected: tuple[int | None, int | None, Cause]) -> None:
    listing = told(
        LSF.accounting("me", 0, batch_ids=["7"]), CommandResult(0, HISTORY.replace("END", end).encode())
    )
    (job,) = listing.observations
    assert (job.exit_code, job.exit_signal, job.cause) == expected
    assert (job.submitted_at, job.started_at, job.ended_at) == (1773423125.0, 1773423185.0, 1773426785.0)
    assert (job.node, job.batch_id, listing.complete) == ("hostA", "7", True)


def test_a_history_without_an_end_is_not_judged() -> None:
    listing = told(
        LSF.accounting("me", 0, batch_ids=["7"]), CommandResult(0, HISTORY.replace("END", "x").encode())
    )
    assert listing.observations[0].phase is Phase.UNKNOWN


def test_history_is_asked_by_id_and_by_name() -> None:
    asked, listing = conversation(
        LSF.accounting("me", 0, stamps=[STAMP], batch_ids=["7", "8"]),
        CommandResult(255, b"", b"No matching job found\n"),
        CommandResult(255, b"", b"Job <7>: No matching job found\nJob <8>: No matching job found\n"),
    )  # fmt: skip
    assert [command.argv[-2:] for command in asked] == [("-J", STAMP), ("7", "8")]
    assert listing == Listing((), complete=True)


def test_cancelling_is_one_command() -> None:
    for gentle, expected in ((False, ["bkill", "7", "8"]), (True, ["bkill", "-s", "URG", "7", "8"])):
        (asked,), _ = conversation(LSF.cancel(["7", "8"], gentle=gentle), CommandResult(0, b""))
        assert list(asked.argv) == expected


def test_jobs_that_are_gone_or_wait_are_no_failure() -> None:
    said = (
        b"Job <7>: Job has already finished\nJob <8>: No matching job found\nJob <9>: Job has not started\n"
    )
    told(LSF.cancel(["7", "8", "9"]), CommandResult(255, b"", said))


@pytest.mark.parametrize(
    "said", [b"", b"LSF is down. Please wait ...\n", b"Job <7>: User permission denied\n"]
)
def test_a_request_that_was_not_taken_is_a_failure(said: bytes) -> None:
    with pytest.raises(Failed):
        told(LSF.cancel(["7"]), CommandResult(255, b"", said))
