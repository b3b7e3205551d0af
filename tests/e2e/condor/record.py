"""Record what HTCondor's tools answer, byte for byte: `python -m tests.e2e.condor.record FOLDER`.

The recordings feed the tests of the codec. Each command leaves NAME.argv (a JSON list), NAME.stdout,
NAME.stderr and NAME.rc; the lab's own folder is written /lab. It takes about four minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bosco.batch.htcondor.codec import HTCondor
from bosco.batch.model import Phase
from bosco.batch.protocol import Dialogue
from tests.e2e.condor.campus import Campus, CampusOptions, running_campus
from tests.e2e.condor.campus_jobs import CampusJobs
from tests.e2e.lab import process

_SLEEP = "exec sleep 3600"
_HEEDS_TERM = "trap 'echo heard; exit 5' TERM\nwhile :; do sleep 0.2; done"
_IGNORES_TERM = "trap '' TERM\nwhile :; do sleep 1; done"
_HUNGRY = "exec python3 -c 'import time; x = bytearray(400 << 20); time.sleep(3600)'"
_STAMP = "hq{:a>13}"

_JOBS: dict[str, tuple[str, dict[str, object]]] = {
    "completed": ("exit 0", {}),
    "failed": ("exit 3", {}),
    "running": (_SLEEP, {"cpus": 2, "gpus": 1}),
    "removed": (_HEEDS_TERM, {}),
    "stubborn": (_IGNORES_TERM, {"extra": ("job_max_vacate_time = 10",)}),
    "evicted": (_SLEEP, {}),
    "crashed": (_SLEEP, {}),
    "walltime": (_SLEEP, {"walltime_s": 5}),
    "memory": (_HUNGRY, {}),
    "pending": (_SLEEP, {"memory_mb": 9_000_000}),
    "held": (_SLEEP, {"extra": ("hold = true",)}),
    "inputless": (_SLEEP, {"extra": ("transfer_input_files = nothere",)}),
    "removedearly": (_SLEEP, {"memory_mb": 9_000_000}),
    "group": (_SLEEP, {"account": "group_osg", "queue": 'a "queue"', "memory_mb": 9_000_000}),
}
_POLICY = ("use POLICY:HOLD_IF_MEMORY_EXCEEDED", "PERIODIC_EXPR_INTERVAL = 40")
_LIMITS = (
    "MAX_JOBS_PER_OWNER = 2",
    "MAX_JOBS_PER_SUBMISSION = 2",
    "SUBMIT_REQUIREMENT_NAMES = Small",
    "SUBMIT_REQUIREMENT_Small = RequestCpus < 100",
    'SUBMIT_REQUIREMENT_Small_REASON = "no more than 100 CPUs, please"',
)
_SUBMITS: Mapping[str, tuple[str, ...]] = {
    "accepted": (),
    "unknown-word": ("no_such_word = 1",),
    "bad-requirements": ("requirements = foo (",),
    "bad-syntax": ("this is no submit description",),
    "bad-memory": ("request_memory = plenty",),
    "bad-group": ("accounting_group = a b",),
    "bad-universe": ("universe = nothing",),
}


@dataclass(frozen=True)
class Recorder:
    """Keeps the answers that the account gets."""

    campus: Campus
    folder: Path

    def record(self, name: str, *argv: str, cwd: Path | None = None, timeout: float = 120) -> bytes:
        """Keep one command's answer under `name` and return its stdout."""
        settings = ("env", "LC_ALL=C")
        done = self.campus.run_as_account([*settings, *argv], cwd=cwd, timeout=timeout)
        (self.folder / f"{name}.argv").write_text(json.dumps(argv) + "\n")
        (self.folder / f"{name}.stdout").write_bytes(self._without_folder(done.stdout))
        (self.folder / f"{name}.stderr").write_bytes(self._without_folder(done.stderr))
        (self.folder / f"{name}.rc").write_text(f"{done.returncode}\n")
        return done.stdout

    def ask(self, name: str, dialogue: Dialogue[object]) -> None:
        """Keep the answer to a codec's first command."""
        self.record(name, *next(dialogue).argv)

    def listing(self, name: str) -> None:
        """Keep a listing."""
        self.ask(f"condor_q-{name}", HTCondor().listing(self.campus.account))

    def submit(self, name: str, *lines: str) -> None:
        """Keep condor_submit's answer to a description; the job that it may make waits for ever."""
        folder = self.campus.home / name
        folder.mkdir()
        self.campus.owner.own(folder)
        words = ("universe = vanilla", "executable = /bin/true", "requirements = false", "request_disk = 1")
        text = "\n".join([*words, *lines, "queue", ""])
        self.campus.owner.write(folder / "job.sub", text.encode())
        self.record(f"condor_submit-{name}", "condor_submit", "-terse", "job.sub", cwd=folder)

    def _without_folder(self, output: bytes) -> bytes:
        return output.replace(os.fsencode(self.campus.folder), b"/lab")


def main(folder: Path) -> None:
    """Record everything into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    gpus = "MACHINE_RESOURCE_GPUs = CUDA0 CUDA1"
    with running_campus(CampusOptions(shared_home=False, lines=(*_POLICY, gpus))) as campus:
        recorder = Recorder(campus, folder)
        asyncio.run(_record_jobs(recorder))
        _record_refusals(recorder)
        _record_outages(recorder)
    with running_campus(CampusOptions(lines=_LIMITS)) as campus:
        recorder = Recorder(campus, folder)
        recorder.submit("requirement", "request_cpus = 200")
        recorder.submit("too-many-at-once", "queue 5")
        recorder.submit("within-limit")
        recorder.submit("within-limit-2")
        recorder.submit("above-limit")
    with running_campus(CampusOptions(lines=("HISTORY =",))) as campus:
        Recorder(campus, folder).ask(
            "condor_history-none", HTCondor().accounting(campus.account, 0, stamps=("hqaaaaaaaaaaaaa",))
        )


async def _record_jobs(recorder: Recorder) -> None:
    recorder.listing("empty")
    async with CampusJobs(recorder.campus) as jobs:
        stamps = {name: _stamp(name) for name in _JOBS}
        for name, (script, more) in _JOBS.items():
            await jobs.submit(script, stamp=stamps[name], **more)
        ids = {name: (await jobs.evidence(stamp)).batch_id or "" for name, stamp in stamps.items()}
        for name in ("running", "removed", "stubborn", "evicted", "crashed"):
            await jobs.wait(stamps[name], Phase.RUNNING)
        await asyncio.sleep(6)  # they have begun to execute
        recorder.listing("running")
        for name in ("walltime", "memory"):
            await jobs.wait(stamps[name], lambda job: job.site_state == "Held")
        recorder.listing("held")
        _remove(recorder, ids)
        recorder.record("condor_vacate_job", "condor_vacate_job", ids["evicted"])
        for pid in recorder.campus.condor.pids("condor_shadow"):
            if ids["crashed"] in Path(f"/proc/{pid}/cmdline").read_text().split("\0"):
                process.kill(pid)
        await asyncio.sleep(1)
        recorder.listing("ending")
        for name in ("stubborn", "walltime", "memory", "evicted", "crashed"):
            await jobs.wait(
                stamps[name], lambda job: job.site_state == "Removed" and job.phase is Phase.ENDED, 120
            )
        recorder.listing("ended")
        recorder.record("condor_rm-ended", "condor_rm", ids["removed"], ids["completed"])
        recorder.listing("removed-after-its-end")
        _history(recorder, stamps, ids)


def _remove(recorder: Recorder, ids: Mapping[str, str]) -> None:
    codec = HTCondor()
    recorder.ask("condor_rm-gentle", codec.cancel([ids["removed"], ids["pending"], "99999.0"], gentle=True))
    recorder.ask("condor_rm-twice", codec.cancel([ids["removed"]]))
    recorder.ask("condor_rm-gentle-none", codec.cancel([ids["pending"], "99999.0"], gentle=True))
    recorder.ask("condor_rm", codec.cancel([ids["stubborn"], ids["removedearly"]]))
    recorder.ask("condor_rm-unknown", codec.cancel(["99999.0"]))
    recorder.ask("condor_rm-mixed", codec.cancel([ids["removedearly"], "99999.0"]))
    recorder.record("condor_rm-not-a-number", "condor_rm", "abc")


def _history(recorder: Recorder, stamps: Mapping[str, str], ids: Mapping[str, str]) -> None:
    """What has ended leaves the queue in the schedd's next round when it no longer asks to stay."""
    codec, user = HTCondor(), recorder.campus.account
    recorder.ask("condor_history-empty", codec.accounting(user, 0, stamps=list(stamps.values())))
    over = "JobStatus == 3 || JobStatus == 4"
    recorder.record("condor_qedit", "condor_qedit", "-constraint", over, "LeaveJobInQueue", "false")
    process.wait_until(
        lambda: (
            recorder.campus.run_as_account(["condor_history", "-af", "ClusterId"]).stdout.count(b"\n") >= 9
        ),
        "the history of ended jobs",
        seconds=120,
    )
    recorder.ask("condor_history-stamps", codec.accounting(user, 0, stamps=list(stamps.values())))
    recorder.ask("condor_history-ids", codec.accounting(user, 0, batch_ids=list(ids.values())))
    recorder.ask("condor_history-later", codec.accounting(user, 4e9, batch_ids=list(ids.values())))


def _record_refusals(recorder: Recorder) -> None:
    for name, lines in _SUBMITS.items():
        recorder.submit(name, *lines)
    recorder.record("condor_submit-no-file", "condor_submit", "-terse", "none.sub")
    recorder.record("condor_q-bad-constraint", "condor_q", "-constraint", "foo(", "-json")


def _record_outages(recorder: Recorder) -> None:
    condor, codec = recorder.campus.condor, HTCondor()
    master, *schedds = condor.pids("condor_master") + condor.pids("condor_schedd")
    for pid in schedds:
        os.kill(pid, signal.SIGSTOP)
    recorder.listing(
        "schedd-hangs"
    )  # condor_submit waits for it above two minutes, and so it is not recorded
    for pid in schedds:
        os.kill(pid, signal.SIGCONT)
    os.kill(master, signal.SIGSTOP)
    for pid in schedds:
        process.end(pid, with_signal=signal.SIGKILL)
    _record_outage(recorder, "schedd-down")
    recorder.ask(
        "condor_history-schedd-down", codec.accounting(recorder.campus.account, 0, batch_ids=("1.0",))
    )
    os.kill(master, signal.SIGCONT)
    condor.stop()
    _record_outage(recorder, "all-down")


def _record_outage(recorder: Recorder, name: str) -> None:
    recorder.listing(name)
    recorder.submit(name)
    recorder.ask(f"condor_rm-{name}", HTCondor().cancel(["1.0"]))
    recorder.ask(f"condor_rm-gentle-{name}", HTCondor().cancel(["1.0"], gentle=True))


def _stamp(name: str) -> str:
    return _STAMP.format(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
