"""Record what OpenPBS's clients answer: `python -m tests.e2e.lab.record_openpbs FOLDER`.

For what tests/corpora/openpbs-23.06 had not: a node that hangs or dies, a server that is lost while a command
waits for it, refusals, and what the checks of a site look at. It takes some minutes.
"""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.e2e.lab import process
from tests.e2e.lab.openpbs import OpenPbsLab, running_openpbs
from tests.e2e.lab.openpbs_conf import NODE, OpenPbsOptions
from tests.e2e.lab.process import LabError

ACCOUNT = "hce-site"
"""How the lab's account is written, which has a number where labs run beside each other."""
_STAMP = "h{:a<14}"
_DETAILS = ("qstat", "-E", "-x", "-f", "-F", "dsv")
_ASKED = (("qstat", "-B", "-f"), ("qstat", "-Q", "-f"), ("pbsnodes", "-a"))
_PLANTED = {
    "queue disabled": (("set queue workq enabled = False",), ("set queue workq enabled = True",)),
    "queue stopped": (("set queue workq started = False",), ("set queue workq started = True",)),
    "queue for others": (
        ("set queue workq acl_user_enable = True", "set queue workq acl_users = somebody"),
        ("set queue workq acl_user_enable = False", "unset queue workq acl_users"),
    ),
    "server for others": (
        ("set server acl_user_enable = True", "set server acl_users = somebody"),
        ("set server acl_user_enable = False", "unset server acl_users"),
    ),
    "limit of the server": (
        ("set server max_queued = [u:PBS_GENERIC=0]",),
        ("unset server max_queued",),
    ),
    "limit of the queue": (
        ("set queue workq max_queued = [u:PBS_GENERIC=0]",),
        ("unset queue workq max_queued",),
    ),
    "longest walltime": (
        ("set queue workq resources_max.walltime = 00:01:00",),
        ("unset queue workq resources_max.walltime",),
    ),
    "largest memory": (
        ("set queue workq resources_max.mem = 10mb",),
        ("unset queue workq resources_max.mem",),
    ),
    "no scheduling": (("set server scheduling = False",), ("set server scheduling = True",)),
    "no default queue": (("unset server default_queue",), ("set server default_queue = workq",)),
}  # fmt: skip
"""What an administrator did, and how it is undone."""
_BROKEN = "import pbs\npbs.event().no_such_thing()\n"
_HOOK = "import pbs\npbs.event().reject('submit from the new login node, see https://hpc.example.edu')\n"


@dataclass(frozen=True)
class Recorder:
    """Runs commands as the account of one lab and keeps their answers in one file."""

    lab: OpenPbsLab
    file: Path

    def note(self, text: str) -> None:
        """A line of what follows."""
        with self.file.open("a") as file:
            file.write(f"\n## {text}\n\n")

    def record(self, *argv: str, script: str = "", timeout: float = 60) -> str:
        """Keeps one command's answer and returns its stdout."""
        done = self.lab.run_as_account(argv, input=script.encode(), timeout=timeout)
        lines = [f"$ {shlex.join(argv)}".encode()]
        lines += [b"[out] " + line for line in done.stdout.splitlines()]
        lines += [b"[err] " + line for line in done.stderr.splitlines()]
        told = b"\n".join([*lines, f"[rc={done.returncode} 0.0s]".encode(), b"", b""])
        with self.file.open("ab") as file:
            file.write(told.replace(os.fsencode(self.lab.account), ACCOUNT.encode()))
        return done.stdout.decode()

    def submit(self, name: str, body: str, *options: str, kept: bool = False) -> str:
        """Submits a job, whose answer may be kept, and returns its id."""
        argv = ("qsub", "-N", _STAMP.format(name), "-r", "n", "-l", "select=1:ncpus=1:mem=64mb", *options)
        if kept:
            return self.record(*argv, script=body).strip()
        done = self.lab.run_as_account(argv, input=body.encode())
        if done.returncode:
            raise LabError(f"qsub of {name}: {os.fsdecode(done.stderr)}")
        return done.stdout.decode().strip()

    def becomes(self, job_id: str, line: str, seconds: float = 120) -> None:
        """Waits until PBS says this of the job."""

        def said() -> bool:
            done = self.lab.run_as_account(["qstat", "-x", "-f", job_id])
            return f"    {line}\n".encode() in done.stdout

        process.wait_until(said, f"{job_id}: {line}", seconds)


def jobs_and_their_node(it: Recorder) -> None:
    """A job on its way to a node that hangs; jobs that end in their ways; a node that dies."""
    it.note("a job is sent to a node that hangs")
    with _frozen(it.lab.mom.pid):
        job = it.submit("onitsway", "exec sleep 600")
        it.becomes(job, "substate = 41")
        it.record(*_DETAILS, job)
    it.becomes(job, "substate = 42")
    it.note("the same job, running")
    it.record(*_DETAILS, job)
    it.note("more memory than asked for; walltime; more processors than any node has")
    hog = it.submit("hog", "exec python3 -c 'import time; k = bytearray(200 * 2**20); time.sleep(600)'")
    late = it.submit("late", "exec sleep 600", "-l", "walltime=5")
    never = it.submit("never", "exec sleep 600", "-l", "select=1:ncpus=99")
    for ended in (hog, late):
        it.becomes(ended, "job_state = F")
    it.record(*_DETAILS, hog, late, never)
    it.note("the node dies while the first job runs on it, and then the server gives it up")
    it.lab.qmgr("set server node_fail_requeue = 5")
    it.lab.mom.stop(signal.SIGKILL)
    process.wait_until(
        lambda: b"down" in it.lab.command("pbsnodes", NODE).stdout, "the node is not down", 120
    )
    it.record(*_DETAILS, job)
    it.record("qdel", job)
    it.record("qsig", "-s", "SIGURG", job)
    process.wait_until(lambda: b"job_state = R" not in _told(it, job), "the job stays", 300)
    it.record(*_DETAILS, job)
    it.lab.qmgr("set server node_fail_requeue = 310")
    it.lab.mom.start()
    it.lab.wait_for_the_node()
    it.note("the node is back")
    it.record(*_DETAILS, job)


def _told(it: Recorder, job: str) -> bytes:
    return it.lab.run_as_account(["qstat", "-x", "-f", job]).stdout


def a_lost_server(it: Recorder) -> None:
    """It is killed while it hangs, with a command that waits for it."""
    for argv in (
        ("qsub", "-N", _STAMP.format("lost")),
        ("qselect", "-u", it.lab.account),
        ("qdel", "9001.pbs1"),
    ):
        it.note(f"the server is lost in the middle of {argv[0]}")
        os.kill(it.lab.server.pid or 0, signal.SIGSTOP)
        waiting = threading.Thread(target=it.record, args=argv)
        waiting.start()
        process.wait_until(partial(_waits, argv[0]), f"{argv[0]} does not wait", 60)
        it.lab.server.stop(signal.SIGKILL)
        waiting.join()
        it.record(*argv)
        it.lab.server.start()
        it.lab.wait_for_the_node()


def _waits(name: str) -> bool:
    return any(process.command_name(pid) == name for pid in process.descendants(os.getpid()))


def what_an_administrator_did(it: Recorder) -> None:
    """One thing at a time: what a probe is told, and what qsub says."""
    it.note("nothing in particular")
    for argv in _ASKED:
        it.record(*argv)
    for what, (done, undone) in _PLANTED.items():
        it.note(what)
        it.lab.qmgr(*done)
        for argv in _ASKED[:2]:
            it.record(*argv)
        it.lab.run_as_account(["qdel", it.submit("asks", "", "-l", "walltime=10:00", kept=True)])
        it.lab.qmgr(*undone)
    it.note("the administrator's own hook, and one that fails")
    hook = it.lab.folder / "hook.py"
    it.lab.qmgr("create hook own", "set hook own event = queuejob")
    for text in (_HOOK, _BROKEN):
        hook.write_text(text)
        it.lab.qmgr(f"import hook own application/x-python default {hook}")
        it.submit("asks", "", kept=True)
    it.lab.qmgr("delete hook own")
    it.note("a node that there is not")
    it.submit("asks", "", "-l", "select=1:ncpus=1:host=nosuch", kept=True)


def without_history(it: Recorder) -> None:
    """What is not kept."""
    job = it.submit("gone", "exit 3")
    process.wait_until(lambda: not _told(it, job), "the job stays", 60)
    it.record(*_DETAILS, job)
    it.record("qselect", "-x", "-u", it.lab.account, "-N", _STAMP.format("gone"))


def without_a_scheduler(it: Recorder) -> None:
    """One that hangs, one that is killed, and one of two: a queue with a partition has its own."""
    it.lab.qmgr(
        "create queue away queue_type = route", "set queue away route_destinations = workq",
        "create sched second", "set sched second partition = p2",
        "create queue other queue_type = execution", "set queue other partition = p2",
    )  # fmt: skip
    argv = ("qmgr", "-c", "list sched")
    it.note("a second scheduler that was never started, and its queue")
    for asked in (argv, *_ASKED[:2]):
        it.record(*asked)
    it.note("the first one hangs, and a job comes")
    with _frozen(it.lab.scheduler.pid):
        job = it.submit("waits", "exit 0")
        process.wait_until(lambda: b"Scheduling" in it.lab.command("qstat", "-B").stdout, "no cycle", 30)
        it.record(*argv)
    it.becomes(job, "job_state = F")
    it.note("it is killed")
    it.lab.scheduler.stop(signal.SIGKILL)
    it.record(*argv)
    it.record(*_DETAILS, it.submit("waits", "exit 0"))


@contextmanager
def _frozen(pid: int | None) -> Iterator[None]:
    os.kill(pid or 0, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid or 0, signal.SIGCONT)


def main(folder: Path) -> None:
    """Records everything."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, options, parts in (
        ("19-real", OpenPbsOptions(), (jobs_and_their_node, what_an_administrator_did, a_lost_server)),
        ("20-no-history", OpenPbsOptions(history=False), (without_history,)),
        ("21-scheduler", OpenPbsOptions(), (without_a_scheduler,)),
    ):
        file = folder / f"{name}.txt"
        file.write_text("")
        with running_openpbs(options) as lab:
            for part in parts:
                part(Recorder(lab, file))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
