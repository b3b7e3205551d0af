"""Record what Slurm's clients answer, byte for byte: `python -m tests.e2e.lab.record FOLDER`.

The recordings feed the tests of the Slurm codec. Each command leaves NAME.argv (a JSON list), NAME.stdout,
NAME.stderr and NAME.rc; the lab's own folder is written /lab. It takes about three minutes, most of them
waiting until a job has reached its time limit.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from bosco.batch.slurm.codec import Slurm
from tests.e2e.lab import process
from tests.e2e.lab.options import LabOptions
from tests.e2e.lab.recorder import Recorder
from tests.e2e.lab.site import running_lab
from tests.e2e.lab.slurm_conf import NODE

_SLEEP = "exec sleep 3600"
_HEEDS_TERM = "trap 'exit 0' TERM\nwhile :; do sleep 0.2; done"
_IGNORES_TERM = "trap '' TERM\nwhile :; do sleep 1; done"
_LONG_NAME = "pilot-" + "0123456789" * 12
_ODD_NAME = "a;b|c d,e:\u00e4\\n%s'\""
_NOT_UTF8 = "caf\udce9"  # the byte E9 on the command line
_HOUR = "--time=60"
_GENTLY = ("scancel", "--state=RUNNING", "--batch", "--signal=TERM")

_JOBS: dict[str, tuple[str, str, tuple[str, ...]]] = {  # what happens: job name, script, options
    "completed": ("completed", "exit 0", ()),
    "failed": ("failed", "exit 3", ()),
    "signalled": ("signalled", "kill -9 $$", ()),
    "timed-out": ("timed-out", _SLEEP, ("--time=1",)),
    "running": ("running", _SLEEP, ("--cpus-per-task=8", _HOUR)),
    "suspended": ("suspended", _SLEEP, (_HOUR,)),
    "removed": ("removed", _SLEEP, ()),
    "removed-gently": ("removed-gently", _HEEDS_TERM, ()),
    "long-name": (_LONG_NAME, _SLEEP, (_HOUR,)),
    "odd-name": (_ODD_NAME, _SLEEP, (_HOUR,)),
    "removed-early": ("removed-early", _SLEEP, ("--begin=now+1hour",)),
    "pending-begin": ("pending-begin", _SLEEP, ("--begin=now+1hour",)),
    "held-by-user": ("held-by-user", _SLEEP, ("--hold",)),
    "held-by-admin": ("held-by-admin", _SLEEP, ("--begin=now+1hour",)),
    "above-limit": ("above-limit", _SLEEP, ("--partition=short", _HOUR)),
    "pending-resources": ("pending-resources", _SLEEP, ("--cpus-per-task=60", _HOUR)),
    "pending-priority": ("pending-priority", _SLEEP, ("--cpus-per-task=60", _HOUR)),
    "array": ("array", _SLEEP, ("--array=1-3%1", _HOUR)),
}

_SBATCH: dict[str, tuple[str, ...]] = {
    "accepted": (),
    "unknown-partition": ("--partition=nowhere",),
    "above-max-time-accepted": ("--partition=short", _HOUR),
    "unknown-account-accepted": ("--account=nobody",),
    "unknown-qos": ("--qos=nothing",),
    "too-many-cpus": ("--cpus-per-task=1000",),
    "too-much-memory": ("--mem=999999G",),
    "bad-time": ("--time=soon",),
    "unknown-option": ("--no-such-option",),
    "unknown-gres": ("--gres=gpu:1",),
    "unknown-constraint": ("--constraint=nothing",),
}

_OTHER_COMMANDS: dict[str, tuple[str, ...]] = {
    "sbatch-version": ("sbatch", "--version"),
    "scancel-unknown": ("scancel", "99999"),
    "scancel-not-a-number": ("scancel", "abc"),
    "scancel-several": ("scancel", "99998", "99999"),
    "squeue-unknown-id": ("squeue", "-h", "-j", "99999"),
    "squeue-bad-field": ("squeue", "-h", "-O", "NoSuchField"),
    "scontrol-show-unknown": ("scontrol", "show", "job", "99999"),
}

_ARRAYS = {  # what happens: family of the tasks' stamps
    "one": "haaaaaaaaaaa",
    "range": "hbbbbbbbbbbb",
    "each": "hccccccccccc",
    "whole": "hddddddddddd",
}

_STRICT = ("AccountingStorageEnforce=associations,limits,qos", "EnforcePartLimits=ALL")


def main(folder: Path) -> None:
    """Record everything into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_lab() as lab:
        recorder = Recorder(lab, folder)
        _record_empty(recorder)
        _record_every_state(recorder)
        _record_refusals(recorder)
        _record_node_failure(recorder)
        _record_outages(recorder)
    with running_lab() as lab:
        recorder = Recorder(lab, folder)
        _record_names_and_requeue(recorder)
        _record_without_munge(recorder)
    with running_lab(LabOptions(gpus=2)) as lab:
        _record_allocations(Recorder(lab, folder))
    with running_lab(LabOptions(cpus=2)) as lab:
        _record_cancelled_tasks(Recorder(lab, folder))
    with running_lab(LabOptions(accounting=False)) as lab:
        _record_without_accounting(Recorder(lab, folder))
    with running_lab(LabOptions(slurm_conf_lines=_STRICT)) as lab:
        _record_enforced_limits(Recorder(lab, folder))


def _record_empty(recorder: Recorder) -> None:
    recorder.squeue("squeue-empty", "-u", recorder.lab.account)
    recorder.squeue("squeue-unknown-user", "-u", "nobody-here")
    recorder.sacct("sacct-empty", "-u", recorder.lab.account)


def _record_every_state(recorder: Recorder) -> None:
    ids = _submit_every_kind(recorder)
    wait = recorder.lab.slurm.wait_for_state
    for name, state in (
        ("running", "RUNNING"),
        ("failed", "FAILED"),
        ("signalled", "FAILED"),
        ("removed", "RUNNING"),
        ("removed-gently", "RUNNING"),
    ):
        wait(ids[name], state)
    _record_gentle_cancels(recorder, ids)
    recorder.record("scancel-running", "scancel", ids["removed"])
    recorder.record("scancel-pending", "scancel", ids["removed-early"])
    recorder.record("scancel-ended", "scancel", ids["failed"])
    wait(ids["removed"], "CANCELLED")
    wait(ids["timed-out"], "TIMEOUT", seconds=150)
    _record_listings(recorder)
    _record_accounting(recorder, ids.values())


def _record_gentle_cancels(recorder: Recorder, ids: dict[str, str]) -> None:
    for kind in ("removed-gently", "pending-begin", "suspended", "failed"):
        recorder.record(f"scancel-gently-{kind}", *_GENTLY, ids[kind])
    recorder.record("scancel-gently-unknown", *_GENTLY, "99999")
    several = [ids[kind] for kind in ("removed-gently", "pending-begin", "failed")]
    recorder.record("scancel-gently-several", *_GENTLY, *several, "99999")
    recorder.lab.slurm.wait_for_state(ids["removed-gently"], "COMPLETED")
    recorder.record("scancel-gently-just-ended", *_GENTLY, ids["removed-gently"])


def _submit_every_kind(recorder: Recorder) -> dict[str, str]:
    slurm = recorder.lab.slurm
    ids = {kind: recorder.submit(name, body, *options) for kind, (name, body, options) in _JOBS.items()}
    ids["dependent"] = recorder.submit("dependent", _SLEEP, f"--dependency=afterok:{ids['running']}")
    ids["never"] = recorder.submit("never", _SLEEP, f"--dependency=afterok:{ids['failed']}")
    slurm.command("scontrol", "hold", ids["held-by-admin"])
    slurm.wait_for_state(ids["suspended"], "RUNNING")
    slurm.command("scontrol", "suspend", ids["suspended"])
    return ids


def _record_listings(recorder: Recorder) -> None:
    recorder.squeue("squeue-semicolon", "-u", recorder.lab.account, separator=";")
    recorder.squeue("squeue-unit-separator", "-u", recorder.lab.account)
    recorder.squeue("squeue-name", "--name=running,failed,absent")
    recorder.squeue_without_suffix("squeue-default-widths")


def _record_accounting(recorder: Recorder, ids: Iterable[str]) -> None:
    of_account = ("-u", recorder.lab.account)
    by_name = (*of_account, "--name=running,failed,absent")
    recorder.sacct("sacct-ids", "-j", ",".join(ids))
    recorder.sacct("sacct-id-unknown", "-j", "99999")
    recorder.sacct("sacct-name-since-epoch", *by_name, "-S", "1700000000")
    recorder.sacct("sacct-name-since-uts", *by_name, "-S", "uts1700000000")
    recorder.sacct("sacct-name-since-now", *by_name, "-S", "now-1hours")
    recorder.sacct("sacct-name-since-iso", *by_name, "-S", "2023-11-14T22:13:20")
    recorder.sacct("sacct-name-no-since", *by_name)
    recorder.sacct("sacct-name-absent", *of_account, "--name=absent", "-S", "now-1hours")
    recorder.sacct("sacct-user", *of_account, "-S", "now-1hours")


def _record_refusals(recorder: Recorder) -> None:
    for name, options in _SBATCH.items():
        recorder.sbatch(f"sbatch-{name}", *options)
    recorder.sbatch("sbatch-empty-script", script="")
    recorder.sbatch("sbatch-no-shebang", script="exit 0\n")
    recorder.sbatch("sbatch-dos-lines", script="#!/bin/bash\r\nexit 0\r\n")
    for name, argv in _OTHER_COMMANDS.items():
        recorder.record(name, *argv)
    recorder.record("scancel-name-absent", "scancel", f"--user={recorder.lab.account}", "--name=absent")
    of_root = recorder.lab.slurm.command("sbatch", "--parsable", "--output=/dev/null", f"--wrap={_SLEEP}")
    recorder.record("scancel-of-another", "scancel", of_root.stdout.decode().strip())


def _record_node_failure(recorder: Recorder) -> None:
    slurm = recorder.lab.slurm
    recorder.lab.run_as_account(["scancel", f"--user={recorder.lab.account}"])
    stays = recorder.submit("node-failed", _SLEEP, "--no-requeue")
    again = recorder.submit("requeued", _SLEEP, "--requeue")
    slurm.wait_for_state(again, "RUNNING")
    slurm.command("scontrol", "update", f"node={NODE}", "state=down", "reason=recording")
    slurm.wait_for_state(stays, "NODE_FAIL")
    recorder.squeue("squeue-node-failure", "-j", f"{stays},{again}")
    recorder.sacct("sacct-node-failure", "-j", f"{stays},{again}")
    recorder.sacct("sacct-node-failure-duplicates", "-D", "-j", f"{stays},{again}")


def _record_outages(recorder: Recorder) -> None:
    slurm, of_account = recorder.lab.slurm, ("-u", recorder.lab.account)
    slurm.stop_dbd()
    recorder.sacct("sacct-dbd-down", *of_account, "-S", "now-1hours")
    recorder.squeue("squeue-dbd-down", *of_account)
    slurm.start_dbd()
    slurm.stop_controller()
    recorder.sbatch("sbatch-controller-down")
    recorder.squeue("squeue-controller-down", *of_account)
    recorder.record("scancel-controller-down", "scancel", "1")
    recorder.record("scancel-gently-controller-down", *_GENTLY, "1")
    recorder.sacct("sacct-controller-down", *of_account, "-S", "now-1hours")


def _record_names_and_requeue(recorder: Recorder) -> None:
    slurm, of_account = recorder.lab.slurm, ("-u", recorder.lab.account)
    by_name = (*of_account, "--name=twice", "-S", "now-1hours")
    ids = [recorder.submit(name, _SLEEP, _HOUR) for name in ("twice", "twice", _NOT_UTF8)]
    recorder.sacct("awkward-sacct-just-submitted", *by_name)
    stubborn = recorder.submit("stubborn", _IGNORES_TERM)
    again = recorder.submit("again", _SLEEP, "--requeue", _HOUR)
    for running in (*ids, stubborn, again):
        slurm.wait_for_state(running, "RUNNING")
    slurm.command("scontrol", "requeue", again)
    recorder.record("awkward-scancel-stubborn", "scancel", stubborn)
    recorder.record("awkward-scancel-gently-stubborn", *_GENTLY, stubborn)
    slurm.wait_for_state(stubborn, "COMPLETING")
    recorder.squeue("awkward-squeue-completing", *of_account)
    slurm.wait_for_state(stubborn, "CANCELLED")
    recorder.squeue("awkward-squeue-all", *of_account)
    recorder.squeue("awkward-squeue-twice", "--name=twice")
    recorder.sacct("awkward-sacct-twice", *by_name)
    every = ",".join([*ids, stubborn, again])
    recorder.sacct("awkward-sacct-ids", "-j", every)
    recorder.sacct("awkward-sacct-ids-duplicates", "-D", "-j", every)


def _record_allocations(recorder: Recorder) -> None:
    lab, slurm, of_account = recorder.lab, recorder.lab.slurm, ("-u", recorder.lab.account)
    pilot = ("--nodes=1", "--ntasks=1", "--cpus-per-task=8", "--time=4320")
    gpus = recorder.submit("gpus", _SLEEP, *pilot, "--mem=16384M", "--gres=gpu:1")
    odd = recorder.submit("odd-memory", _SLEEP, *pilot, "--mem=3000M", "--gres=gpu:a100:1")
    for job in (gpus, odd):
        slurm.wait_for_state(job, "RUNNING")
    never = recorder.submit("never-began", _SLEEP, "--exclusive", "--mem=0")
    recorder.squeue("squeue-gpus", *of_account)
    for job in (gpus, odd, never):
        lab.run_as_account(["scancel", job])
    slurm.wait_for_state(gpus, "CANCELLED")
    whole = recorder.submit("whole-node", _SLEEP, "--exclusive", "--mem=0", "--time=1-00:00:01")
    slurm.wait_for_state(whole, "RUNNING")
    recorder.squeue("squeue-whole-node", *of_account)
    slurm.command("scontrol", "update", f"job={whole}", "timelimit=UNLIMITED")
    recorder.squeue("squeue-unlimited", *of_account)
    names = ("sacct", "-X", "-n", "-o", "JobName", "-j", f"{gpus},{whole}")
    process.wait_until(  # accounting is late, and for a while every job's name is "allocation"
        lambda: b"allocation" not in lab.run_as_account(names).stdout, "accounting of the last job", 30
    )
    recorder.sacct("sacct-gpus", "-j", ",".join([gpus, odd, never, whole]))


def _record_cancelled_tasks(recorder: Recorder) -> None:
    """Of four arrays, by us and by root: one task that waits, a range, each by itself, the whole."""
    lab, slurm = recorder.lab, recorder.lab.slurm
    arrays = {kind: recorder.submit(family, _SLEEP, "--array=0-5", _HOUR) for kind, family in _ARRAYS.items()}
    slurm.wait_for_state(f"{arrays['one']}_1", "RUNNING")
    each = [f"{arrays['each']}_{index}" for index in range(6)]
    recorder.record("array-scancel-one", "scancel", f"{arrays['one']}_3")
    recorder.record("array-scancel-each", "scancel", *each)
    slurm.command("scancel", f"{arrays['range']}_[1-3]")
    slurm.command("scancel", arrays["whole"])
    for name, codec in (("array-squeue", Slurm(arrays=True)), ("array-squeue-shared", Slurm())):
        recorder.ask(name, next(codec.listing(lab.account)))
    sacct = ("sacct", "-X", "-n", "-P", "-o", "JobID,State", "-j", ",".join(arrays.values()))
    process.wait_until(  # accounting is late
        lambda: _is_up_to_date(lab.run_as_account(sacct).stdout, arrays), "accounting of the arrays", 90
    )
    recorder.ask("array-sacct", next(Slurm().accounting(lab.account, 0.0, batch_ids=list(arrays.values()))))


def _is_up_to_date(sacct: bytes, arrays: dict[str, str]) -> bool:
    one, ranged, each, whole = (arrays[kind] for kind in _ARRAYS)
    rows = sacct.decode()
    wanted = (f"{one}_[2,4-5]|PENDING", f"{ranged}_[0,4-5]|PENDING", f"{whole}_[0-5]|CANCELLED")
    return all(row in rows for row in wanted) and f"\n{each}" in rows


def _record_without_munge(recorder: Recorder) -> None:
    recorder.lab.munge.stop()
    recorder.sbatch("awkward-sbatch-munge-down")
    recorder.squeue("awkward-squeue-munge-down", "-u", recorder.lab.account)
    recorder.record("awkward-scancel-munge-down", "scancel", "4")
    recorder.sacct("awkward-sacct-munge-down", "-j", "1,2,3,4,5")


def _record_without_accounting(recorder: Recorder) -> None:
    recorder.sacct("sacct-disabled", "-u", recorder.lab.account)
    recorder.sacct("sacct-disabled-ids", "-j", "1,2")
    recorder.sbatch("sbatch-qos-without-accounting", "--qos=nothing")
    recorder.record("sacctmgr-disabled", "sacctmgr", "-n", "list", "cluster")


def _record_enforced_limits(recorder: Recorder) -> None:
    recorder.sbatch("sbatch-no-association")
    slurm, user = recorder.lab.slurm, recorder.lab.account
    slurm.command("sacctmgr", "-i", "add", "account", "osg", "Description=osg", "Organization=osg")
    slurm.command("sacctmgr", "-i", "add", "user", user, "Account=osg")
    recorder.sbatch("sbatch-associated")
    recorder.sbatch("sbatch-invalid-account", "--account=nobody")
    recorder.sbatch("sbatch-invalid-qos", "--qos=nothing")
    recorder.sbatch("sbatch-above-max-time", "--partition=short", _HOUR)
    slurm.command("sacctmgr", "-i", "modify", "user", user, "set", "MaxSubmitJobs=0")
    recorder.sbatch("sbatch-submit-limit")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
