"""minislurm's jobs: real processes, controllers that come and go."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from minislurm_site import OWNER, MiniSlurm, eventually, started

from hosted_ce.demo.minislurm import processes
from hosted_ce.demo.minislurm.spool import Launch, Spool, Supervisor


@pytest.fixture
def slurm(tmp_path: Path) -> Iterator[MiniSlurm]:
    with started(tmp_path) as site:
        yield site


def test_submission_prints_the_id(slurm: MiniSlurm) -> None:
    script = "#!/bin/sh\ntrue\n"
    assert slurm.run("sbatch", "--parsable", stdin=script).stdout == "1000\n"
    assert slurm.run("sbatch", stdin=script).stdout == "Submitted batch job 1001\n"


def test_parallel_submissions_get_ids_of_their_own_and_all_run(slurm: MiniSlurm) -> None:
    slurm.environment["MINISLURM_CPUS"] = "20"
    with ThreadPoolExecutor(20) as pool:
        ids = list(pool.map(lambda _: slurm.submit("true"), range(20)))
    assert sorted(ids) == list(range(1000, 1020))
    assert {slurm.ends(job_id).state for job_id in ids} == {"COMPLETED"}


def test_jobs_start_in_order_and_never_use_more_cpus_than_there_are(slurm: MiniSlurm) -> None:
    slurm.environment["MINISLURM_CPUS"] = "3"
    gate = slurm.folder / "gate"
    os.mkfifo(gate)
    wait = f"read _ <{gate}"
    first, second = slurm.submit(wait, "-c", "2"), slurm.submit(wait, "-c", "2")
    third = slurm.submit("true", "-c", "1")
    slurm.reaches(first, "RUNNING")
    eventually(lambda: slurm.jobs()[third].reason == "Priority")
    assert slurm.jobs()[first].state == "RUNNING"
    assert slurm.squeue(second, "State", "Reason", "StartTime") == ["PENDING", "Resources", "N/A"]
    gate.write_text("go\n")
    slurm.ends(third)
    running = slurm.reaches(second, "RUNNING")
    ended = slurm.jobs()[first].ended
    assert running.started is not None
    assert ended is not None
    assert running.started >= ended
    gate.write_text("go\n")
    slurm.ends(second)


@pytest.mark.parametrize(
    ("body", "squeue", "sacct"),
    [
        ("exit 0", ["COMPLETED", "None", "0"], ["COMPLETED", "0:0"]),
        ("exit 3", ["FAILED", "NonZeroExitCode", "768"], ["FAILED", "3:0"]),
        ("kill -9 $$", ["FAILED", "JobLaunchFailure", "9"], ["FAILED", "0:9"]),
    ],
)
def test_exit_codes(slurm: MiniSlurm, body: str, squeue: list[str], sacct: list[str]) -> None:
    job_id = slurm.submit(body)
    slurm.ends(job_id)
    assert slurm.squeue(job_id, "State", "Reason", "exit_code") == squeue
    assert slurm.sacct(job_id, "State", "ExitCode") == sacct


def test_what_is_allocated(slurm: MiniSlurm) -> None:
    job_id = slurm.submit("exit 0", "-c", "2", "--time=90")
    slurm.ends(job_id)
    assert slurm.squeue(job_id, "tres-alloc", "TimeLimit") == ["cpu=2,node=1,billing=2", "1:30:00"]
    assert slurm.sacct(job_id, "AllocTRES", "TimelimitRaw") == ["billing=2,cpu=2,node=1", "90"]


def test_time_limit(slurm: MiniSlurm) -> None:
    slurm.environment["MINISLURM_SECONDS_PER_MINUTE"] = "0.2"
    job_id = slurm.submit("exec sleep 1000", "--time=1")
    job = slurm.ends(job_id)
    assert job.started is not None
    assert job.ended is not None
    assert 0.2 <= job.ended - job.started < 2
    assert slurm.squeue(job_id, "State", "Reason", "exit_code") == ["TIMEOUT", "TimeLimit", "15"]
    assert slurm.sacct(job_id, "State", "ExitCode", "Timelimit") == ["TIMEOUT", "0:0", "00:01:00"]


def test_cancelled_while_pending(slurm: MiniSlurm) -> None:
    slurm.environment["MINISLURM_CPUS"] = "1"
    slurm.submit("exec sleep 1000")
    waiting = slurm.submit("touch ran")
    assert slurm.run("scancel", str(waiting)).returncode == 0
    assert slurm.squeue(waiting, "State", "exit_code", "NodeList") == ["CANCELLED", "0", ""]
    record = slurm.sacct(waiting, "State", "ExitCode", "Start", "NodeList", "ElapsedRaw")
    assert record == [f"CANCELLED by {os.getuid()}", "0:0", "None", "None assigned", "0"]
    assert not (slurm.folder / "ran").exists()


def test_cancelled_while_running_gets_sigterm(slurm: MiniSlurm) -> None:
    job_id = slurm.submit("trap 'echo told; exit 7' TERM; echo up; sleep 1000 & wait")
    slurm.reaches(job_id, "RUNNING")
    eventually(lambda: slurm.output(job_id))
    assert slurm.run("scancel", str(job_id)).returncode == 0
    slurm.ends(job_id)
    assert slurm.output(job_id) == "up\ntold\n"
    assert slurm.squeue(job_id, "State", "exit_code") == ["CANCELLED", str(7 << 8)]
    assert slurm.sacct(job_id, "State") == [f"CANCELLED by {os.getuid()}"]


def test_a_job_that_ignores_sigterm_completes_until_it_is_killed(slurm: MiniSlurm) -> None:
    job_id = slurm.submit("trap '' TERM; echo up; while :; do sleep 1000; done")
    slurm.reaches(job_id, "RUNNING")
    eventually(lambda: slurm.output(job_id))
    slurm.run("scancel", str(job_id))
    assert slurm.jobs()[job_id].shown_state == "COMPLETING"
    job = slurm.ends(job_id)
    assert (job.state, job.wait_status) == ("CANCELLED", signal.SIGKILL)


GENTLY = ("scancel", "--state=RUNNING", "--batch", "--signal=TERM")


def test_a_running_script_alone_is_signalled_and_its_end_is_its_own(slurm: MiniSlurm) -> None:
    job_id = slurm.submit("trap 'echo told; kill $!; exit 0' TERM; sleep 1000 & echo up; wait")
    eventually(lambda: slurm.output(job_id))
    assert slurm.run(*GENTLY, str(job_id)).returncode == 0
    slurm.ends(job_id)
    assert slurm.output(job_id) == "up\ntold\n"
    assert slurm.squeue(job_id, "State", "exit_code") == ["COMPLETED", "0"]


def test_what_does_not_run_is_not_signalled(slurm: MiniSlurm) -> None:
    slurm.environment["MINISLURM_CPUS"] = "1"
    running, waiting = slurm.submit("exec sleep 1000"), slurm.submit("exec sleep 1000")
    slurm.reaches(running, "RUNNING")
    assert slurm.run(*GENTLY, str(waiting)).returncode == 0
    assert slurm.jobs()[waiting].state == "PENDING"
    slurm.run("scancel", str(running))
    slurm.ends(running)
    done = slurm.run(*GENTLY, str(running), "99")
    complaint = "scancel: error: Kill job error on job id {}: Invalid job id specified\n"
    assert (done.returncode, done.stderr) == (1, complaint.format(running) + complaint.format(99))


def test_cancelled_while_it_starts(slurm: MiniSlurm) -> None:
    for _ in range(5):
        job_id = slurm.submit("exec sleep 1000")
        slurm.reaches(job_id, "RUNNING")  # Its supervisor is not up yet.
        slurm.run("scancel", str(job_id))
        assert slurm.ends(job_id).state == "CANCELLED"


def test_a_job_has_one_supervisor_ever(tmp_path: Path) -> None:
    job = Spool(str(tmp_path), 1)
    job.create(b"#!/bin/sh\n", Launch([], "/", "out", "out", False, 0, {}))
    assert job.claim(Supervisor(1, 1))
    assert not job.claim(Supervisor(2, 2))
    assert job.supervisor() == Supervisor(1, 1)
    job.remove()
    assert not job.claim(Supervisor(3, 3))
    assert not list((tmp_path / "jobs").iterdir())


def test_cancel_by_name_leaves_the_others_alone(slurm: MiniSlurm) -> None:
    doomed, spared = (
        slurm.submit("exec sleep 1000", "-J", "one"),
        slurm.submit("exec sleep 1000", "-J", "two"),
    )
    slurm.run("scancel", "--name=one")
    assert slurm.ends(doomed).state == "CANCELLED"
    assert slurm.jobs()[spared].state in ("PENDING", "RUNNING")


def test_jobs_outlive_the_controller_and_the_next_one_follows_them(slurm: MiniSlurm) -> None:
    gate = slurm.folder / "gate"
    os.mkfifo(gate)
    during, after = slurm.submit("echo up; exit 4", "-J", "during"), slurm.submit(f"read _ <{gate}; exit 5")
    waiting = eventually(lambda: slurm.processes("supervisor", str(after)))
    slurm.ends(during)
    slurm.reaches(after, "RUNNING")
    slurm.kill_controller()
    assert slurm.processes("supervisor", str(after)) == waiting
    assert slurm.squeue(after, "State") == ["RUNNING"]  # Which has started the next controller.
    slurm.controller()
    gate.write_text("go\n")
    assert slurm.ends(after).wait_status == 5 << 8


def test_an_end_that_no_controller_saw_is_noted_by_the_next(slurm: MiniSlurm) -> None:
    gate = slurm.folder / "gate"
    os.mkfifo(gate)
    job_id = slurm.submit(f"read _ <{gate}; exit 6")
    eventually(lambda: slurm.processes("supervisor", str(job_id)))
    slurm.kill_controller()
    gate.write_text("go\n")
    eventually(lambda: not slurm.processes())
    assert slurm.jobs()[job_id].live
    slurm.run("sacct")
    assert slurm.ends(job_id).wait_status == 6 << 8


def test_a_job_whose_supervisor_is_gone_without_a_word_is_a_node_failure(slurm: MiniSlurm) -> None:
    job_id = slurm.submit("echo $$; exec sleep 1000")
    script = int(eventually(lambda: slurm.output(job_id)))
    os.kill(slurm.processes("supervisor", str(job_id))[0], signal.SIGKILL)
    assert slurm.ends(job_id).state == "NODE_FAIL"
    assert slurm.squeue(job_id, "State", "Reason") == ["NODE_FAIL", "NodeDown"]
    eventually(lambda: processes.read(script) is None)  # Maybe a zombie, until init looks.


def test_the_controller_leaves_when_idle_and_no_job_is_lost_between(slurm: MiniSlurm) -> None:
    slurm.environment["MINISLURM_IDLE"] = "0"
    for _ in range(12):
        slurm.ends(slurm.submit("true"))
    eventually(lambda: not slurm.processes())
    assert [job.state for job in slurm.jobs().values()] == ["COMPLETED"] * 12


def test_what_a_script_leaves_behind_ends_with_it(slurm: MiniSlurm) -> None:
    job_id = slurm.submit("setsid sleep 1000 & echo $!")
    slurm.ends(job_id)
    assert not Path(f"/proc/{int(slurm.output(job_id))}").exists()


def test_environment_folder_and_arguments_of_a_job(slurm: MiniSlurm) -> None:
    work = slurm.folder / "work"
    work.mkdir()
    script = slurm.folder / "job.sh"
    script.write_text(
        f"#!/bin/sh\n#SBATCH -o {work}/%x-%j\n"
        "echo $SLURM_JOB_ID $SLURM_JOB_NAME $SLURM_CPUS_PER_TASK\n"
        "echo $SLURM_SUBMIT_DIR $PWD $1 $SLURMD_NODENAME $SLURM_JOB_NODELIST $SLURM_JOB_USER\n"
    )
    submitted = slurm.run("sbatch", "--parsable", "--cpus-per-task=3", "--chdir=work", "job.sh", "hello")
    script.unlink()  # Slurm keeps a copy.
    job = slurm.ends(int(submitted.stdout))
    lines = (work / f"job.sh-{job.id}").read_text().splitlines()
    assert lines == [f"{job.id} job.sh 3", f"{slurm.folder} {work} hello {job.node} {job.node} {OWNER}"]


def test_export_none(slurm: MiniSlurm) -> None:
    slurm.environment["SECRET"] = "x"
    job_id = slurm.submit("echo ${SECRET-unset} $MINE $HOME", "--export=NONE,MINE=1")
    slurm.ends(job_id)
    assert slurm.output(job_id) == f"unset 1 {slurm.folder}\n"


def test_the_command_line_wins_over_directives_which_end_at_the_first_command(slurm: MiniSlurm) -> None:
    head = '#SBATCH --job-name=head --comment="two words" # why\n\n# more\n#SBATCH -c 2\ntrue\n#SBATCH -c 4'
    job = slurm.ends(slurm.submit(head, "--job-name=line"))
    assert (job.name, job.comment, job.cpus) == ("line", "two words", 2)


def test_output_is_truncated_unless_it_is_to_be_appended(slurm: MiniSlurm) -> None:
    shared = slurm.folder / "shared"
    for word, options in (("one", []), ("two", []), ("three", ["--open-mode=append"])):
        slurm.ends(slurm.submit(f"echo {word}", f"--output={shared}", *options))
    assert shared.read_text() == "two\nthree\n"


def test_a_job_that_cannot_have_its_folder_or_output(slurm: MiniSlurm) -> None:
    homeless = slurm.submit("pwd", f"--chdir={slurm.folder}/nowhere", f"--output={slurm.folder}/homeless")
    assert slurm.ends(homeless).state == "COMPLETED"
    assert (slurm.folder / "homeless").read_text().endswith("going to /tmp instead\n/tmp\n")
    mute = slurm.submit("touch ran", f"--output={slurm.folder}/nowhere/out")
    slurm.ends(mute)
    assert slurm.squeue(mute, "State", "Reason", "exit_code") == ["FAILED", "JobLaunchFailure", "4021"]
    assert slurm.sacct(mute, "ExitCode") == ["0:53"]
    assert not (slurm.folder / "ran").exists()


def test_the_submitter_is_not_held_by_the_controller(slurm: MiniSlurm) -> None:
    """`run` waits for the end of stdout: a controller that kept the pipe would make it wait for the job."""
    job_id = slurm.submit("exec sleep 1000")
    # Not at once: while it starts a job it has a pipe of its own, to hear whether that went well.
    eventually(lambda: not _pipes_of(slurm.controller()))
    assert slurm.jobs()[job_id].live


def _pipes_of(pid: int) -> list[str]:
    descriptors = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            descriptors.append(os.readlink(entry))
    return [target for target in descriptors if target.startswith("pipe:")]


def test_a_submission_that_is_tried_makes_no_job(slurm: MiniSlurm) -> None:
    tried = slurm.run("sbatch", "--test-only", "--cpus-per-task=2", "--wrap=true")
    assert (tried.returncode, tried.stdout) == (0, "")
    assert "to start at" in tried.stderr
    assert "using 2 processors" in tried.stderr
    refused = slurm.run("sbatch", "--test-only", "--partition=nowhere", "--wrap=true")
    assert refused.returncode == 1
    assert slurm.jobs() == {}


def test_a_command_in_place_of_a_script(slurm: MiniSlurm) -> None:
    job_id = int(slurm.run("sbatch", "--parsable", "--output=out", "--wrap=echo wrapped").stdout)
    slurm.ends(job_id)
    assert (slurm.folder / "out").read_text() == "wrapped\n"


def test_nodes_one_by_one(slurm: MiniSlurm) -> None:
    listed = slurm.run("sinfo", "--noheader", "--all", "--Node", "--format=%R|%T|%N").stdout
    assert listed.startswith("batch|idle|")
