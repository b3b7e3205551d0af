"""What runs on an HTCondor node without the login node's files, with a condor_chirp that copies."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from carried_job import heard

from bosco.batch.htcondor.job import BEGUN_BEFORE, job_files
from bosco.batch.model import BatchRequest, InputFile, JobRecord
from bosco.batch.wrapper import WRAPPER_FAILED, job_record

PATIENCE_S = 20.0
CHIRP = """\
#!/bin/sh
# What condor_chirp does between a node and the folder of the job at home
home={home}
case $1 in
fetch) cp "$home/$2" "$3" ;;
put)
    [ "$3" != wcx ] || [ ! -e "$home/$7" ] || exit 1
    [ "$3" != wcx ] || {tell}
    cp "$6" "$home/$7"
    ;;
remove) rm "$home/$2" ;;
*) exit 99 ;;
esac
"""


class Node:
    """A directory on a node, with what HTCondor carried there, and the job's folder at home."""

    def __init__(
        self,
        place: Path,
        script: str,
        *,
        chirp: bool = True,
        run_count: int = 1,
        tell: signal.Signals | None = None,
        **more: Any,
    ):
        """`tell`: the job gets this signal while it claims its start."""
        self.home, self.scratch, self._bin = place / "home", place / "scratch", place / "bin"
        request = BatchRequest(
            "h" * 15, "pilot.sh", (InputFile("pilot.sh", "0" * 64), InputFile("token", "0" * 64)), 600, **more
        )
        for folder in (self.home, self.scratch, self._bin):
            folder.mkdir()
        for place_ in ("in", "credentials", "refresh"):
            (self.home / place_).mkdir()
        (self.home / "in" / "pilot.sh").write_text(f"#!/bin/sh\n{script}\n")
        token = "credentials" if "token" in request.credentials else "in"
        (self.home / token / "token").write_text("old")
        for name, content in job_files(request, str(self.home), domain=None, keep_s=900).items():
            (self.home / name).write_bytes(content)
        if chirp:
            self._chirp(
                CHIRP.format(
                    home=shlex.quote(str(self.home)), tell=f'kill -s {tell} "$PPID"' if tell else ":"
                )
            )
        self.carry(run_count)

    def carry(self, run_count: int) -> None:
        """HTCondor's part before a start."""
        shutil.rmtree(self.scratch)
        self.scratch.mkdir()
        for name in ("job.sh", "job.courier"):
            shutil.copy(self.home / name, self.scratch / name)
        for name in ("in", "credentials"):
            shutil.copytree(self.home / name, self.scratch / name)
        (self.scratch / ".job.ad").write_text(f"ClusterId = 7\nJobRunCount = {run_count}\nProcId = 0\n")

    def _chirp(self, script: str) -> None:
        chirp = self._bin / "condor_chirp"
        chirp.write_text(script)
        chirp.chmod(0o755)

    def start(self) -> subprocess.Popen[bytes]:
        """As the starter does it: what the submit description says."""
        [line] = [
            line for line in (self.home / "job.sub").read_text().splitlines() if line.startswith("arguments")
        ]
        [option, command] = shlex.split(line.partition("=")[2].strip().strip('"'))
        environment: Mapping[str, str] = {
            "PATH": f"{self._bin}:{os.environ['PATH']}",
            "HOME": "/nowhere",
            "_CONDOR_JOB_AD": str(self.scratch / ".job.ad"),
            "_CONDOR_BIN": "/nowhere/bin",
        }
        return subprocess.Popen(
            ["/bin/sh", option, command], cwd=self.scratch, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def run(self, *, quiet: bool = True) -> int:
        """To its end; then HTCondor brings back what it was told to. `quiet`: the shells say nothing."""
        job = self.start()
        log, _ = job.communicate(timeout=PATIENCE_S)
        assert not (quiet and log)
        for path in (self.scratch / "home").iterdir():
            shutil.copy(path, self.home / path.name)
        return job.returncode

    def record(self) -> JobRecord:
        """What is known at home."""
        start, end = (self.home / "start", self.home / "exit")
        return job_record(*(path.read_text() if path.exists() else None for path in (start, end)))

    def wait_for(self, true: Callable[[], bool]) -> None:
        """Fails when it takes too long."""
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_outputs_and_records_come_home(tmp_path: Path) -> None:
    node = Node(tmp_path, "echo out; echo err >&2; cat token; exit 7")
    assert node.run() == 7
    assert (node.home / "stdout").read_bytes() == b"out\nold"
    assert (node.home / "stderr").read_bytes() == b"err\n"
    record = node.record()
    assert (record.exit_code, record.batch_id, record.error) == (7, "7.0", None)
    assert {path.name for path in (node.scratch / "home").iterdir()} == {"stdout", "stderr", "start", "exit"}


def test_the_start_is_known_at_home_while_the_pilot_runs(tmp_path: Path) -> None:
    node = Node(tmp_path, "while [ ! -e stop ]; do sleep 0.05; done")
    job = node.start()
    node.wait_for(lambda: node.record().batch_id == "7.0")
    assert not node.record().ended
    node.wait_for((node.scratch / "work").exists)
    (node.scratch / "work" / "stop").touch()
    assert job.wait(PATIENCE_S) == 0
    job.communicate()


@pytest.mark.parametrize("run_count", [1, 2])
def test_a_pilot_that_has_begun_does_not_begin_again(tmp_path: Path, run_count: int) -> None:
    """Whatever HTCondor counts: the claim decides."""
    diary = tmp_path / "diary"
    node = Node(tmp_path, f"echo once >>{diary}")
    assert node.run() == 0
    node.carry(run_count)
    assert node.run() == BEGUN_BEFORE
    assert diary.read_text() == "once\n"
    assert node.record().exit_code == 0, "that of the first time"


@pytest.mark.parametrize(("run_count", "code"), [(1, 3), (2, BEGUN_BEFORE)])
def test_without_chirp_the_schedds_count_has_to_do(tmp_path: Path, run_count: int, code: int) -> None:
    assert Node(tmp_path, "exit 3", chirp=False, run_count=run_count).run() == code


@pytest.mark.parametrize("told", ["SIGTERM", "SIGINT", "SIGQUIT"])
def test_a_pilot_that_is_being_removed_ends_in_order_and_its_outputs_are_sent(
    tmp_path: Path, told: str
) -> None:
    """Whatever the site's HTCondor says for that."""
    node = Node(tmp_path, "trap 'echo heard; exit 5' TERM; echo up; while :; do sleep 0.05; done")
    with heard(signal.SIGINT, signal.SIGQUIT):
        job = node.start()
    node.wait_for(
        lambda: (node.scratch / "stdout").exists() and (node.scratch / "stdout").read_bytes() == b"up\n"
    )
    job.send_signal(signal.Signals[told])
    assert job.wait(PATIENCE_S) == 5
    job.communicate()
    assert (node.home / "stdout").read_bytes() == b"up\nheard\n"
    assert node.record().exit_code == 5


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_job_that_is_removed_while_it_claims_its_start_ends(tmp_path: Path, told: signal.Signals) -> None:
    """The wrapper is begun right then. A shell that has just been forked, and still has its parent's traps,
    forgets what it gets: the pilot would run on until HTCondor's patience ends."""
    for number in range(8):
        (place := tmp_path / str(number)).mkdir()
        node = Node(place, "echo never", tell=told)
        with heard(signal.SIGINT):
            code = node.run(quiet=False)
        assert code == 128 + signal.SIGTERM
        assert (node.home / "stdout").read_bytes() == b""
        assert node.record().exit_code == 128 + signal.SIGTERM


def test_a_new_credential_is_fetched_once_and_taken(tmp_path: Path) -> None:
    script = 'while [ "$(cat token)" = old ]; do sleep 0.05; done; cat token'
    node = Node(tmp_path, script, credentials=("token",), refresh_s=0.1)
    job = node.start()
    node.wait_for((node.scratch / "work" / "token").exists)
    (node.home / "refresh" / "token").write_text("new")
    assert job.wait(PATIENCE_S) == 0
    job.communicate()
    assert (node.scratch / "home" / "stdout").read_bytes() == b"new"


@pytest.mark.parametrize("script", ["job.courier", "job.sh"])
def test_SS18_a_script_that_a_crash_has_emptied_is_no_success(tmp_path: Path, script: str) -> None:
    node = Node(tmp_path, "exit 0")
    (node.scratch / script).write_bytes(b"")
    job = node.start()
    assert job.wait(PATIENCE_S) == WRAPPER_FAILED
    job.communicate()
    assert node.record().started_at is None


def test_SS18_a_start_that_the_wrapper_takes_back_is_taken_back_at_home(tmp_path: Path) -> None:
    node = Node(tmp_path, "exit 0")
    (node.scratch / "job.sh").write_text(f"exit {WRAPPER_FAILED}\n")
    assert node.run() == WRAPPER_FAILED
    assert node.record() == JobRecord()


def test_the_pilots_own_121_is_its_own(tmp_path: Path) -> None:
    node = Node(tmp_path, f"exit {WRAPPER_FAILED}")
    assert node.run() == WRAPPER_FAILED
    assert node.record().started_at is not None


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    node = Node(tmp_path, "exit 0", credentials=("token",))
    argv = ["shellcheck", "-s", "sh", node.home / "job.courier"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout == ""
