"""New credentials reach a pilot that runs, in every shell, and nothing else changes for it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tools import Barrier, Tools
from wrapped_job import PATIENCE_S, PYTHON, SHELLS, Job

LISTENS = (
    PYTHON
    + """
import os, signal
path = {name: open(name).read() for name in ("came", "begun", "go_on")}
signal.signal(signal.SIGTERM, lambda number, frame: open(path["came"], "w").write("x"))
os.write(1, open("token", "rb").read())
open(path["begun"], "w").write("x")
open(path["go_on"]).read(1)
os.write(1, open("token", "rb").read())
os._exit(3)
"""
)
"""A pilot that says when SIGTERM came, and goes on."""
KEEPS = {"in", "credentials", "refresh", "job.sh", "start", "pid", "exit", "stdout", "stderr"}


CLOCKED = {name: argv for name, argv in SHELLS.items() if name != "busybox"}
"""Those that find `sleep` on the PATH, where a test can put another one; busybox has its own."""


@pytest.fixture(params=CLOCKED.values(), ids=list(CLOCKED))
def shell(request: pytest.FixtureRequest) -> list[str]:
    return list(request.param)


class Watched:
    """A job with a credential; it looks for a new one when the test says so, and not by the clock."""

    def __init__(self, folder: Path, tools: Tools, barrier: Callable[[], Barrier], **more: Any):
        self.begun, self.go_on, self.nap, self.wake = barrier(), barrier(), barrier(), barrier()
        self.tools = tools
        tools.add("sleep", f"{self.nap.tell}\nexec {self.wake.pause}")
        script = more.pop("script", "cat token")
        pilot = f"#!/bin/sh\n{script}\n{self.begun.tell}\n{self.go_on.pause}\n{script}\nexit 3\n"
        more.setdefault("credentials", ("token",))
        self.job = Job(folder, {"pilot.sh": pilot, "token": "old "}, **more)

    def start(self, shell: list[str]) -> subprocess.Popen[bytes]:
        """Returns when the pilot has begun and the job waits to look for the first time."""
        process = self.job.start(shell, environment=self.tools.environment())
        self.begun.expect()
        self.nap.expect()
        return process

    def look(self) -> None:
        """The job looks once."""
        self.wake.release()
        self.nap.expect()


@pytest.fixture
def watched(tmp_path: Path, tools: Tools, barrier: Callable[[], Barrier]) -> Callable[..., Watched]:
    return lambda **more: Watched(tmp_path / "job", tools, barrier, **more)


def test_a_new_credential_takes_the_place_of_the_old_one(
    shell: list[str], watched: Callable[..., Watched], tools: Tools
) -> None:
    it = watched(script="cat token; stat -c '%a %i' token; ls -A", refresh_s=15)
    process = it.start(shell)
    it.job.put("refresh/token", "new ")
    (it.job.folder / "refresh" / "token").chmod(0o644)
    it.look()
    it.go_on.release()
    assert it.job.finish(process) == (3, b"")
    old, new = it.job.output().decode().split("token\n")[:-1]
    assert (old.split()[:2], new.split()[:2]) == (["old", "600"], ["new", "600"])
    assert old.split()[2] != new.split()[2], "by rename: who has the old one open reads it to its end"
    assert it.job.left() == KEEPS
    assert os.listdir(it.job.folder / "refresh") == []
    assert set(tools.calls("sleep")) == {"15"}
    assert gone(process)


def test_each_of_several_and_again_and_again(shell: list[str], watched: Callable[..., Watched]) -> None:
    it = watched(credentials=("token",))
    process = it.start(shell)
    for number in range(3):
        it.job.put("refresh/token", f"{number} ")
        it.look()
        it.look()
    it.go_on.release()
    assert it.job.finish(process) == (3, b"")
    assert it.job.output() == b"old 2 "


def test_only_what_the_request_named_is_taken(shell: list[str], watched: Callable[..., Watched]) -> None:
    it = watched(script="cat token; ls")
    process = it.start(shell)
    for name in ("pilot.sh", "other", "token.new.1.2"):
        it.job.put(f"refresh/{name}", "bad ")
    it.look()
    it.go_on.release()
    assert it.job.finish(process) == (3, b"")
    assert it.job.output() == b"old pilot.sh\ntoken\n" * 2


def test_what_came_before_the_start_is_not_taken_again(
    shell: list[str], watched: Callable[..., Watched]
) -> None:
    it = watched()
    it.job.put("credentials/token", "newest ")
    it.job.put("refresh/token", "new ")
    it.job.put("refresh.token", "new ")
    process = it.start(shell)
    it.look()
    it.go_on.release()
    assert it.job.finish(process) == (3, b"")
    assert it.job.output() == b"newest newest "
    assert it.job.left() == KEEPS


def test_what_the_pilot_made_of_its_credential_is_left_alone(
    shell: list[str], watched: Callable[..., Watched]
) -> None:
    it = watched(script="cat token; rm token; ls -A; echo mine >token")
    process = it.start(shell)
    it.look()
    it.go_on.release()
    assert it.job.finish(process) == (3, b"")
    assert it.job.output() == b"old pilot.sh\nmine\npilot.sh\n"


def test_signals_to_all_processes_do_not_end_it(
    shell: list[str], tmp_path: Path, tools: Tools, barrier: Callable[[], Barrier]
) -> None:
    came = barrier()
    it = Watched(tmp_path / "job", tools, barrier)
    it.job.put("in/pilot.sh", LISTENS)
    for name in ("in/came", "in/begun", "in/go_on"):
        it.job.put(name, str({"came": came, "begun": it.begun, "go_on": it.go_on}[name[3:]].path))
    process = it.start(shell)
    os.killpg(process.pid, signal.SIGTERM)
    came.expect()
    it.job.put("refresh/token", "new ")
    it.look()
    it.go_on.release()
    code, _ = it.job.finish(process)
    assert (code, it.job.record.exit_code, it.job.output()) == (3, 3, b"old new ")


def test_it_ends_with_a_pilot_whose_keeper_was_killed(
    shell: list[str], watched: Callable[..., Watched]
) -> None:
    it = watched(script="echo $PPID")
    process = it.start(shell)
    os.kill(int(it.job.output()), signal.SIGKILL)
    it.go_on.release()
    assert it.job.finish(process)[0] == 137
    assert not it.job.record.ended
    it.wake.release()
    assert gone(process)


def test_a_start_directory_that_is_gone_disturbs_nothing(
    shell: list[str], watched: Callable[..., Watched]
) -> None:
    it = watched(script='rm -rf "$PWD"')
    process = it.start(shell)
    it.job.put("refresh/token", "new ")
    it.look()
    it.go_on.release()
    assert it.job.finish(process) == (3, b"")


@pytest.mark.parametrize("shell", SHELLS.values(), ids=SHELLS.keys())
def test_with_the_shells_own_sleep_it_is_taken_as_well(
    shell: list[str], tmp_path: Path, barrier: Callable[[], Barrier]
) -> None:
    begun, go_on = barrier(), barrier()
    pilot = f"#!/bin/sh\ncat token\n{begun.tell}\n{go_on.pause}\ncat token\n"
    files = {"pilot.sh": pilot, "token": "old "}
    job = Job(tmp_path / "job", files, credentials=("token",), refresh_s=0.02)
    process = job.start(shell)
    begun.expect()
    job.put("refresh/token", "new ")
    eventually(lambda: not (job.folder / "refresh" / "token").exists())
    eventually(lambda: not (job.folder / "refresh.token").exists())
    go_on.release()
    assert job.finish(process) == (0, b"")
    assert job.output() == b"old new "
    assert gone(process)


@pytest.mark.parametrize("shell", SHELLS.values(), ids=SHELLS.keys())
@pytest.mark.parametrize("credentials", [(), ("token",)])
def test_it_outlives_no_pilot_however_short_and_changes_no_exit_code(
    shell: list[str], tmp_path: Path, credentials: tuple[str, ...]
) -> None:
    for code in range(5):
        files = {"pilot.sh": f"#!/bin/sh\nexit {code}\n", "token": ""}
        job = Job(tmp_path / str(code), files, credentials=credentials, refresh_s=3600)
        process = job.start(shell)
        assert job.finish(process) == (code, b"")
        assert gone(process)


def test_without_credentials_nobody_looks(shell: list[str], tmp_path: Path, tools: Tools) -> None:
    job = Job(tmp_path / "job", {"pilot.sh": "#!/bin/sh\n"})
    tools.add("sleep", ":")
    assert job.run(shell, environment=tools.environment()) == 0
    assert tools.calls("sleep") == []


def gone(process: subprocess.Popen[bytes]) -> bool:
    """Waits until no process of the job's session is left."""
    eventually(lambda: not living(process.pid))
    return True


def eventually(true: Callable[[], bool]) -> None:
    """Waits for what another process is about to do."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        os.sched_yield()


def living(session: int) -> list[str]:
    """The processes of a session that are not dead."""
    argv = ["ps", "-o", "stat=,args=", "-s", str(session)]
    rows = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()
    return [row for row in rows if not row.startswith("Z")]
