"""What the job writes down of what its pilot used, in every shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from wrapped_job import PYTHON, Job

from bosco.batch.wrapper import job_record

BURNS = PYTHON + "import os\nwhile os.times().user < 0.3 or os.times().system < 0.2: os.stat('/')\n"
JOB_ID = "4711"


def test_the_processor_time_of_the_pilots_children_counts(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\n./burns & wait\n(./burns)\n", "burns": BURNS})
    job.text = job.text.replace("chmod 700 pilot.sh", "chmod 700 pilot.sh burns")
    assert job.run(shell) == 0
    assert (job.record.user_cpu_s or 0) >= 0.55, "twice 0.3, in ticks of 0.01"
    assert (job.record.system_cpu_s or 0) >= 0.35


def test_a_pilot_that_uses_nothing_has_used_nothing_that_counts(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\n"})
    job.run(shell)
    record = job.record
    assert record.user_cpu_s is not None
    assert record.system_cpu_s is not None
    assert record.peak_memory_mb is None, "the batch system made no control group"


class Groups:
    """What the kernel shows of control groups, pretended."""

    def __init__(self, folder: Path, job: Job, own: str, files: dict[str, str]):
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content)
        (folder / "own").write_text(own)
        job.text = job.text.replace("/sys/fs/cgroup", str(folder)).replace(
            "/proc/self/cgroup", str(folder / "own")
        )


UNIFIED = "system.slice/slurmstepd.scope/job_4711"
SPLIT = "memory/slurm/uid_1001/job_4711"
OWN = {
    "unified": (
        f"0::/{UNIFIED}/step_batch/user/task_0\n",
        {f"{UNIFIED}/memory.peak": "3145729\n", f"{UNIFIED}/step_batch/memory.peak": "17\n"},
    ),
    "split": (
        "9:name=systemd:/x\n5:devices,x:/slurm/uid_1001/job_4711/step_batch\n"
        "4:cpu,memory:/slurm/uid_1001/job_4711/step_batch\n0::/\n",
        {f"{SPLIT}/memory.max_usage_in_bytes": "3145729\n"},
    ),
    "without a step": (f"0::/{UNIFIED}\n", {f"{UNIFIED}/memory.peak": "3145729\n"}),
}
OTHERS = {
    "the node's": ("0::/system.slice/slurmd.service\n", {"system.slice/slurmd.service/memory.peak": "17\n"}),
    "another job's": ("0::/a/job_47110/x\n", {"a/job_47110/memory.peak": "17\n"}),
    "an old kernel's": (f"0::/{UNIFIED}/step_batch\n", {}),
    "no number": (f"0::/{UNIFIED}/step_batch\n", {f"{UNIFIED}/memory.peak": "max\n"}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize("name", OWN)
def test_the_peak_of_the_jobs_own_control_group_counts(shell: list[str], tmp_path: Path, name: str) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\nexit 3\n"})
    Groups(tmp_path, job, *OWN[name])
    assert job.run(shell, environment={"SLURM_JOB_ID": JOB_ID}) == 3
    assert (job.record.peak_memory_mb, job.record.exit_code) == (4, 3)


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_the_jobs_own_does_not_count(shell: list[str], tmp_path: Path, name: str) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\nexit 3\n"})
    Groups(tmp_path, job, *OTHERS[name])
    assert job.run(shell, environment={"SLURM_JOB_ID": JOB_ID}) == 3
    assert (job.record.peak_memory_mb, job.record.exit_code) == (None, 3)


def test_without_a_job_id_nothing_is_looked_for(shell: list[str], tmp_path: Path) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\n"})
    Groups(tmp_path, job, "0::/a/job_/x\n", {"a/job_/memory.peak": "17\n"})
    assert job.run(shell) == 0
    assert job.record.peak_memory_mb is None


@pytest.mark.parametrize(
    ("line", "user", "system"),
    [
        ("0m0.060000s 0m1.500000s", 0.06, 1.5),  # dash
        ("71m2.125s 0m0.003s", 4262.125, 0.003),  # bash
        ("0m1,250s 0m0,001s", 1.25, 0.001),  # bash, in some locales
        ("0m00.50s 10m09.01s", 0.5, 609.01),  # mksh
        ("0m1s 0m1s", None, None),
        ("user 0m1.000s", None, None),
    ],
)
def test_the_times_of_each_shell_are_read(line: str, user: float | None, system: float | None) -> None:
    record = job_record(None, f"0m9.0s 0m9.0s\n{line}\ncode=0\n")
    expected = (user, system) if user is not None else (9.0, 9.0)
    assert (record.user_cpu_s, record.system_cpu_s, record.exit_code) == (*expected, 0)
    assert job_record(None, "code=0\n").user_cpu_s is None
