"""What minislurm's commands say: the same words as Slurm 22.05.8, from which they were recorded."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from minislurm_site import OWNER, MiniSlurm, started

from hosted_ce.demo.minislurm import units


@pytest.fixture
def slurm(tmp_path: Path) -> Iterator[MiniSlurm]:
    with started(tmp_path) as site:
        yield site


BATCH = "sbatch: error: Batch job submission failed: "
LIMIT = f"{BATCH}Requested time limit is invalid (missing or exceeds some limit)\n"
PARTITION = f"sbatch: error: invalid partition specified: x\n{BATCH}Invalid partition name specified\n"
PARTITIONS = "batch*|up|3-00:00:00|1|idle|8\nshort|up|30:00|1|idle|8\n"
BOGUS = "sbatch: unrecognized option '--bogus=3'\nTry \"sbatch --help\" for more information\n"


@pytest.mark.parametrize(
    ("options", "exit_code", "stderr"),
    [
        ("-p x", 1, PARTITION),
        ("-p short -t 31", 1, LIMIT),
        ("-t 3-00:01", 1, LIMIT),
        ("-t 0", 1, LIMIT),
        ("-t 1:2:3:4", 255, "sbatch: error: Invalid --time specification\n"),
        ("--mem=12Q", 255, "sbatch: error: Invalid --mem specification\n"),
        ("-n 3 -c 3", 1, f"{BATCH}More processors requested than permitted\n"),
        ("-N 2", 1, f"{BATCH}Node count specification invalid\n"),
        ("-c x", 1, 'sbatch: error: Invalid numeric value "x" for --cpus-per-task.\n'),
        ("--signal=USR1@x", 255, "sbatch: error: Invalid --signal specification\n"),
        ("--open-mode=foo", 255, "sbatch: error: Invalid --open-mode specification\n"),
        ("--gpus=x", 1, "sbatch: error: Invalid generic resource (gres) specification\n"),
        ("--bogus=3", 255, BOGUS),
        ("-Z", 255, "sbatch: invalid option -- 'Z'\nTry \"sbatch --help\" for more information\n"),
    ],
)
def test_refusals(slurm: MiniSlurm, options: str, exit_code: int, stderr: str) -> None:
    done = slurm.run("sbatch", "--parsable", *options.split(), stdin="#!/bin/sh\n")
    assert (done.returncode, done.stdout, done.stderr) == (exit_code, "", stderr)
    directive = f"#!/bin/sh\n#SBATCH {options}\n"
    assert slurm.run("sbatch", "--parsable", stdin=directive).stderr == stderr
    assert slurm.jobs() == {}


@pytest.mark.parametrize(
    ("argv", "exit_code", "stdout", "stderr"),
    [
        (["squeue", "-h", "-j", "99"], 1, "", "slurm_load_jobs error: Invalid job id specified\n"),
        (["squeue", "-h", "-j", "99,98"], 0, "", ""),
        (["squeue", "-h", "-u", "nobodyx"], 0, "", "squeue: error: Invalid user: nobodyx\n"),
        (["squeue", "-o", "%i", "-O", "JobID"], 1, "", None),
        (["sacct", "-n", "-j", "99"], 0, "", ""),
        (["sacct", "-n", "-S", "1795360099"], 1, "", "Invalid time specification (pos=0): 1795360099\n"),
        (["sacct", "-o", "Bogus"], 1, "", 'sacct: error: Invalid field requested: "Bogus"\n'),
        (["scancel", "99"], 0, "", ""),
        (["scancel", "99", "98"], 0, "", ""),
        (["scancel", "abc"], 1, "", "scancel: error: Invalid job id abc\n"),
        (
            ["scancel", "--signal=KILL", "99"],
            1,
            "",
            "scancel: error: this site knows --state=RUNNING --batch --signal=TERM, and only together\n",
        ),
        (["scancel"], 1, "", "scancel: error: No job identification provided\n"),
        (["sinfo", "-h", "-o", "%P|%a|%l|%D|%T|%c"], 0, PARTITIONS, ""),
    ],
)
def test_answers_of_an_empty_site(
    slurm: MiniSlurm, argv: list[str], exit_code: int, stdout: str, stderr: str | None
) -> None:
    done = slurm.run(*argv)
    assert (done.returncode, done.stdout) == (exit_code, stdout)
    assert stderr is None or done.stderr == stderr
    assert not slurm.processes("controller")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("10", 10), ("1:30", 2), ("1:02:03", 63), ("90:90", 92), ("1-", 1440), ("1-2", 1560), ("1-2:3", 1563),
     ("1-2:3:4", 1564), ("unlimited", units.UNLIMITED)],
)  # fmt: skip
def test_time_limits(text: str, minutes: int) -> None:
    assert units.time_limit(text) == minutes


@pytest.mark.parametrize("text", ["", "abc", "5s", " 5", "1:2:3:4", "1-2:3:4:5", "-5", "1:"])
def test_what_is_no_time_limit(text: str) -> None:
    with pytest.raises(ValueError, match="not a time limit"):
        units.time_limit(text)


def test_squeue_shows_all_fields_of_a_running_job(slurm: MiniSlurm) -> None:
    job_id = slurm.submit("exec sleep 1000", "-J", "a name; with |", "--time=10", "--comment=c")
    job = slurm.reaches(job_id, "RUNNING")
    assert job.started is not None
    shown = slurm.squeue(
        job_id, "JobID", "JobArrayID", "Name", "State", "StateCompact", "Reason", "StartTime", "EndTime",
        "SubmitTime", "exit_code", "NodeList", "Partition", "UserName", "Comment",
    )  # fmt: skip
    times = [str(int(moment)) for moment in (job.started, job.started + 600, job.submitted)]
    ids, node = [str(job_id)] * 2, os.uname().nodename.partition(".")[0]
    assert shown == [*ids, "a name; with |", "RUNNING", "R", "None", *times, "0", node, "batch", OWNER, "c"]
    letters = slurm.run("squeue", "-h", "-o", "%i %A %j %T %t %r %P %u %k %.3T")
    assert letters.stdout == f"{job_id} {job_id} a name; with | RUNNING R None batch {OWNER} c RUN\n"


def test_squeue_forgets_what_sacct_keeps(slurm: MiniSlurm) -> None:
    slurm.environment["MINISLURM_MIN_JOB_AGE"] = "0"
    job_id = slurm.submit("true", "-J", "old")
    job = slurm.ends(job_id)
    assert slurm.run("squeue", "-h", "-t", "all").stdout == ""
    kept = ["sacct", "-XnP", "--name=old,older", "-u", OWNER, "-o", "JobIDRaw,JobName,State,Submit"]
    iso = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(job.submitted))
    row = f"{job_id}|old|COMPLETED|{int(job.submitted)}\n"
    assert slurm.run(*kept, "-S", f"uts{int(job.submitted)}").stdout == row
    assert slurm.run(*kept, "-S", "now-1hour").stdout == row
    assert slurm.run(*kept, "-S", iso).stdout == row
    assert slurm.run(*kept, "-S", "now+1hour", "-E", "now+2hours").stdout == ""


def test_tables_for_people(slurm: MiniSlurm) -> None:
    job_id = slurm.submit("exec sleep 1000", "-J", "a_longer_name")
    node = slurm.reaches(job_id, "RUNNING").node
    header, row = slurm.run("squeue").stdout.splitlines()
    assert header == "             JOBID PARTITION     NAME     USER ST       TIME  NODES NODELIST(REASON)"
    assert row == f"              {job_id}     batch a_longer {OWNER[:8]:>8}  R       0:00      1 {node}"
    assert slurm.run("sacct", "-o", "jobid,jobname,state,exitcode").stdout.splitlines() == [
        "JobID           JobName      State ExitCode ",
        "------------ ---------- ---------- -------- ",
        f"{job_id}         a_longer_+    RUNNING      0:0 ",
    ]
