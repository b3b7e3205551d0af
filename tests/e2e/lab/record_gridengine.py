"""Record what Grid Engine's clients answer: `python -m tests.e2e.lab.record_gridengine FOLDER`.

As tests/e2e/lab/record.py does for Slurm. It takes about a minute.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.lab import process
from tests.e2e.lab.gridengine import GridEngineLab, running_gridengine
from tests.e2e.lab.process import LabError

_SLEEP = "exec sleep 600"
_STAMP = "h{:a<14}"
"""Job names are as our stamps are, so that the codec takes them for ours."""
_JOBS: dict[str, tuple[str, tuple[str, ...]]] = {  # what happens: script, options
    "completed": ("exit 0", ()),
    "failed": ("exit 3", ()),
    "again": ("[ -e again ] && exit 0; touch again; exit 99", ("-r", "y")),
    "killed": ("kill -9 $$", ()),
    "walltime": (_SLEEP, ("-l", "h_rt=2")),
    "running": (_SLEEP, ("-pe", "smp", "2", "-l", "h_rt=3600")),
    "removed": (_SLEEP, ("-l", "h_rt=3600")),
    "told": ("trap 'exit 7' USR2; while :; do sleep 0.2; done", ("-notify",)),
    "held": (_SLEEP, ("-h",)),
    "removedearly": (_SLEEP, ("-h",)),
    "error": (_SLEEP, ("-o", "/nonexistent/log")),
    "errorremoved": (_SLEEP, ("-o", "/nonexistent/log")),
    "later": (_SLEEP, ("-a", "203001010000")),
    "waits": (_SLEEP, ("-pe", "smp", "8")),
}
_QSUB: dict[str, tuple[str, ...]] = {
    "unknown-queue": ("-q", "nosuch.q"),
    "unknown-host": ("-l", "h=node-02.example.org"),
    "unknown-project": ("-P", "nosuch"),
    "unknown-resource": ("-l", "nosuch=3"),
    "unknown-parallel-environment": ("-pe", "nosuch", "3"),
    "bad-time": ("-l", "h_rt=soon"),
    "bad-name": ("-N", "1bad"),
    "unknown-option": ("--nosuch",),
    "unsatisfiable": ("-w", "e", "-pe", "smp", "1000"),
}


@dataclass(frozen=True)
class Recorder:
    """Runs commands as the account of one lab and keeps their answers in `folder`."""

    lab: GridEngineLab
    folder: Path

    def record(self, name: str, *argv: str) -> str:
        """Keep one command's answer under `name` and return its stdout. The lab's folder is written /lab."""
        done = self.lab.run_as_account(argv)
        lab = os.fsencode(self.lab.folder)
        (self.folder / f"{name}.argv").write_text(json.dumps(argv) + "\n")
        (self.folder / f"{name}.stdout").write_bytes(done.stdout.replace(lab, b"/lab"))
        (self.folder / f"{name}.stderr").write_bytes(done.stderr.replace(lab, b"/lab"))
        (self.folder / f"{name}.rc").write_text(f"{done.returncode}\n")
        return done.stdout.decode()

    def submit(self, kind: str) -> str:
        """A job of this kind; its id."""
        body, options = _JOBS[kind]
        argv = ["qsub", "-terse", "-cwd", "-j", "y", "-S", "/bin/sh", "-N", _STAMP.format(kind), *options]
        done = self.lab.run_as_account(argv, input=f"#!/bin/sh\n{body}\n".encode())
        if done.returncode:
            raise LabError(f"qsub of {kind}: {done.stderr.decode()}")
        return done.stdout.decode().strip()

    def states(self) -> dict[str, str]:
        """The state of each job in the queue, by id."""
        rows = self.lab.run_as_account(["qstat"]).stdout.decode().splitlines()[2:]
        return {row.split()[0]: row.split()[4] for row in rows}


def main(folder: Path) -> None:
    """Record everything into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_gridengine() as lab:
        recorder = Recorder(lab, folder)
        lab.owner.write(lab.owner.home / "job.sh", b"#!/bin/sh\nexit 0\n")
        recorder.record("qacct-no-file", "qacct", "-j", "1")
        recorder.record("qstat-empty", "qstat", "-u", lab.owner.name, "-r", "-xml")
        _record_refusals(recorder)
        _record_states(recorder)
        _record_outage(recorder)


def _record_refusals(recorder: Recorder) -> None:
    for name, options in _QSUB.items():
        recorder.record(f"qsub-{name}", "qsub", "-terse", "-C", "", *options, "job.sh")
    recorder.record("qsub-no-script", "qsub", "-terse", "nosuch.sh")
    recorder.record("qsub-accepted", "qsub", "-terse", "-C", "", "-o", "/dev/null", "-j", "y", "job.sh")
    first = recorder.submit("held")
    _limit(recorder, 1)
    recorder.record("qsub-limit", "qsub", "-terse", "-C", "", "job.sh")
    _limit(recorder, 0)
    recorder.lab.run_as_account(["qdel", first])


def _limit(recorder: Recorder, jobs: int) -> None:
    """Jobs that a user may have; 0: as many as they like."""
    shown = recorder.lab.command("qconf", "-sconf").stdout
    form = recorder.lab.folder / "global"
    form.write_bytes(re.sub(rb"max_u_jobs +\d+", b"max_u_jobs %d" % jobs, shown))
    recorder.lab.command("qconf", "-Mconf", str(form))


def _record_states(recorder: Recorder) -> None:
    ids = {kind: recorder.submit(kind) for kind in _JOBS}
    wanted = {
        "running": "r",
        "told": "r",
        "removed": "r",
        "error": "Eqw",
        "errorremoved": "Eqw",
        "held": "hqw",
    }
    process.wait_until(
        lambda: all(recorder.states().get(ids[kind]) == state for kind, state in wanted.items()), "states", 60
    )
    user = recorder.lab.owner.name
    recorder.record("qdel-running", "qdel", ids["removed"])
    recorder.record("qdel-again", "qdel", ids["removed"])
    recorder.record("qdel-told", "qdel", ids["told"])
    recorder.record("qstat-all", "qstat", "-u", user, "-r", "-xml")
    recorder.record("qstat-why", "qstat", "-j", ",".join(ids[k] for k in ("error", "held", "waits")), "-xml")
    recorder.record("qstat-why-gone", "qstat", "-j", f"99999,{ids['error']}", "-xml")
    recorder.record("qdel-waiting", "qdel", ids["removedearly"], ids["errorremoved"])
    recorder.record("qdel-several", "qdel", ids["removedearly"], "99999", ids["later"])
    recorder.record("qdel-not-a-number", "qdel", "bogus")
    over = ("completed", "failed", "again", "killed", "walltime", "removed", "told")
    process.wait_until(lambda: not {ids[kind] for kind in over} & recorder.states().keys(), "their ends", 90)
    process.wait_until(
        lambda: all(recorder.lab.run_as_account(["qacct", "-j", ids[kind]]).returncode == 0 for kind in over),
        "their records", 30,
    )  # fmt: skip
    for kind in (*over, "errorremoved", "removedearly"):
        recorder.record(f"qacct-{kind}", "qacct", "-j", _STAMP.format(kind))
    recorder.record("qacct-unknown-id", "qacct", "-j", "99999")
    recorder.record("qacct-all", "qacct", "-o", user, "-b", "202001010000", "-j")
    recorder.record("qacct-all-none", "qacct", "-o", user, "-b", "203001010000", "-j")


def _record_outage(recorder: Recorder) -> None:
    recorder.lab.qmaster.stop()
    recorder.record("qsub-qmaster-down", "qsub", "-terse", "-C", "", "job.sh")
    recorder.record("qstat-qmaster-down", "qstat", "-u", recorder.lab.owner.name, "-r", "-xml")
    recorder.record("qdel-qmaster-down", "qdel", "1")
    recorder.record("qacct-qmaster-down", "qacct", "-j", _STAMP.format("failed"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
