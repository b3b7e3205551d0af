"""A schedd in memory, with the ways of HTCondor 25.14: what its manager calls, and what its owners do.

Its manager reaches it through the product's own child program, as if that were another process. Constraints
are evaluated by HTCondor's own library.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hosted_ce.intake.condor import child
from hosted_ce.intake.condor.process import QueueRefused, QueueUnavailable
from tests.fakes.classads import evaluate

import htcondor2  # isort: skip - after the routing's ClassAds, which settle CONDOR_CONFIG
import classad2  # isort: skip

IDLE, RUNNING, REMOVED, COMPLETED, HELD = 1, 2, 3, 4, 5
SPOOLING = 16
OF_CLUSTER = {"HoldReason": "Spooling input data files", "HoldReasonCode": SPOOLING}
"""What all jobs were submitted with: it is in the ad of their cluster."""
BY_USER = 1
NO_MATCH = "Unable to edit jobs matching constraint"
IMMUTABLE = {"ClusterId", "ProcId", "Owner", "User", "JobUniverse"}


class Lost(Exception):
    """The connection to the schedd ended, before or after it did what was asked."""


@dataclass(slots=True)
class QueuedAd:
    """A job in the queue. `since`: when its status really changed, whatever its ad says."""

    ad: dict[str, Any]
    since: float
    undefined: set[str] = field(default_factory=set)
    """Attributes that somebody set to undefined, which hides what the cluster's ad has."""
    leave: bool = False
    """Whether LeaveJobInQueue was set to false; else it is `JobStatus == 4`, as gridmanagers write it."""

    @property
    def status(self) -> int:
        return int(self.ad["JobStatus"])

    @property
    def key(self) -> str:
        return str(self.ad["GlobalJobId"])

    @property
    def external(self) -> bool:
        """Whether a manager from outside has it in its care."""
        return bool(self.ad.get("Managed") == "External")


@dataclass(slots=True)
class Plan:
    """Something that happens during one of the manager's calls, before its effect or after it: the one after
    so many others, or the first that edits this attribute."""

    when: int | str
    action: Callable[[], None]
    replying: bool


@dataclass(slots=True)
class Schedd:
    """One schedd. `clock` gives its time, `spool` is the folder of its files."""

    clock: Callable[[], float]
    spool: Path
    jobs: dict[str, QueuedAd] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    removed: dict[str, tuple[int, float]] = field(default_factory=dict)
    """GlobalJobIds that the manager removed: the status that they had, and for how long."""
    released: Counter[str] = field(default_factory=Counter)
    """How often its owner released the job with this GlobalJobId."""
    overridden: list[str] = field(default_factory=list)
    """Holds and removals that the manager undid: there must be none."""
    leaving: Callable[[QueuedAd], None] = lambda job: None
    """Told of each job that leaves since nobody needs it any more."""
    removing: Callable[[QueuedAd], None] = lambda job: None
    """Told of each job that the manager is about to remove."""
    dead: bool = False
    """Whether the next call cannot connect."""
    calls: int = 0
    submitted: int = 0
    _next: int = 1

    # What a manager calls (htcondor2.Schedd)

    def query(self, constraint: str, projection: list[str], limit: int = -1) -> list[classad2.ClassAd]:
        """Jobs that the constraint selects."""
        with self._call("Failed to fetch ads from schedd, errmsg="):
            found = [job.ad for job in self._matching(constraint)]
            some = found if limit < 0 else found[:limit]
            return [classad2.ClassAd(_projected(ad, projection)) for ad in some]

    def edit(self, chosen: list[str] | str, attribute: str, value: str) -> int:
        """All or nothing."""
        with self._call(NO_MATCH if isinstance(chosen, str) else "Unable to edit job", attribute):
            if isinstance(chosen, str):
                jobs = list(self._matching(chosen))
                if not jobs:
                    raise htcondor2.HTCondorException(NO_MATCH)
            else:
                jobs = [self._existing(job, attribute) for job in chosen]
            for job in jobs:
                self._check(job, attribute, value)
            for job in jobs:
                self._set(job, attribute, value)
            return len(jobs)

    def act(self, action: htcondor2.JobAction, constraint: str) -> dict[str, int]:
        """Removal, the only one of the actions that a manager uses."""
        assert action is htcondor2.JobAction.Remove
        with self._call("Error when performing action on the schedd."):
            jobs = [job for job in self._matching(constraint) if job.status != REMOVED]
            for job in jobs:
                self.removing(job)
                self.removed[job.key] = job.status, self.clock() - job.since
                self._remove(job, "Python-initiated action")
            self.sweep()
            return {"TotalSuccess": len(jobs)}

    # What happens to the schedd

    def plan(self, when: int | str, action: Callable[[], None], *, replying: bool = False) -> None:
        """Something is to happen during one of the manager's next calls."""
        self.plans.append(Plan(when, action, replying))

    def sweep(self) -> None:
        """What a schedd does now and then: lets go of the jobs that nobody needs any more."""
        for job_id, job in list(self.jobs.items()):
            if job.external:
                continue
            if job.status == COMPLETED:
                job.ad.setdefault("JobFinishedHookDone", int(self.clock()))
            if job.status == REMOVED or (job.status == COMPLETED and job.leave):
                self.leaving(job)
                self._drop(job_id)

    def restart(self) -> None:
        """What it took from a job alone is in the cluster's ad, and no longer hidden by it."""
        for job in self.jobs.values():
            job.ad = {**{k: v for k, v in OF_CLUSTER.items() if k not in job.undefined}, **job.ad}

    def lose_queue(self) -> None:
        """Its spool is lost: it counts its jobs from 1 again."""
        for job_id in list(self.jobs):
            self._drop(job_id)
        self._next = 1

    # What the jobs' owners do

    def submit(self, ad: Mapping[str, Any], files: Mapping[str, bytes]) -> QueuedAd:
        """A job that is spooled, and released from the hold of that."""
        cluster, self._next, self.submitted = self._next, self._next + 1, self.submitted + 1
        now = int(self.clock())
        folder = self.spool / str(cluster % 10000) / "0" / f"cluster{cluster}.proc0.subproc0"
        shutil.rmtree(folder, ignore_errors=True)  # what an earlier queue left there
        folder.mkdir(parents=True, mode=0o700)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        made = {
            "ClusterId": cluster, "ProcId": 0, "GlobalJobId": f"ce.test#{cluster}.0#{now}{self.submitted}",
            "JobUniverse": 5, "Owner": "osg01", "User": "osg01@users.htcondor.org", "JobStatus": IDLE,
            "LastHoldReason": "Spooling input data files", "LastHoldReasonCode": SPOOLING, "QDate": now,
            "StageInStart": now, "StageInFinish": now, "EnteredCurrentStatus": now, "Iwd": str(folder),
            "Cmd": str(folder / "glidein_startup.sh"), "Out": "_condor_stdout", "Err": "_condor_stderr",
            "TransferInput": ",".join(str(folder / name) for name in files if name != "glidein_startup.sh"),
        }  # fmt: skip
        job = self.jobs[f"{cluster}.0"] = QueuedAd({**made, **ad}, self.clock())
        return job

    def hold(self, job_id: str, reason: str = "by gridmanager (by user osg01)") -> None:
        """Counted, unless it is denied or held like that already."""
        job = self.jobs.get(job_id)
        if job is None or job.status in {REMOVED, COMPLETED} or job.ad.get("HoldReasonCode") == BY_USER:
            return
        job.ad |= {"HoldReason": reason, "HoldReasonSubCode": 0}
        job.undefined.clear()
        self._set(job, "HoldReasonCode", str(BY_USER))
        self._status(job, HELD)

    def release(self, job_id: str) -> None:
        """The reason of the hold becomes the last one's."""
        job = self.jobs.get(job_id)
        if job is None or job.status != HELD:
            return
        for name in ("HoldReason", "HoldReasonCode", "HoldReasonSubCode"):
            if name in job.ad:
                job.ad[f"Last{name}"] = job.ad.pop(name)
        self.released[job.key] += 1
        self._status(job, IDLE)

    def remove(self, job_id: str, reason: str = "by gridmanager (by user osg01)") -> None:
        """As condor_rm."""
        if (job := self.jobs.get(job_id)) and job.status != REMOVED:
            self._remove(job, reason)
            self.sweep()

    def remove_by_force(self, job_id: str) -> None:
        """As condor_rm -forcex at the CE: its manager is not asked."""
        if job_id in self.jobs:
            self._drop(job_id)

    def by_key(self, key: str) -> QueuedAd | None:
        """The job with this GlobalJobId."""
        return next((job for job in self.jobs.values() if job.key == key), None)

    # How

    def _call(self, lost: str, attribute: str = "") -> _Call:
        return _Call(self, lost, attribute)

    def happen(self, attribute: str, *, replying: bool) -> None:
        """What is planned for this moment of the call under way."""
        due = [plan for plan in self.plans if plan.when in {0, attribute} and plan.replying is replying]
        self.plans = [plan for plan in self.plans if plan not in due]
        for plan in due:
            plan.action()

    def _matching(self, constraint: str) -> Iterator[QueuedAd]:
        return iter([job for job in self.jobs.values() if evaluate(constraint, job.ad) is True])

    def _existing(self, job_id: str, attribute: str) -> QueuedAd:
        if job_id in self.jobs:
            return self.jobs[job_id]
        raise htcondor2.HTCondorException(
            f"Unable to commit transaction:Modifying attribute {attribute} in nonexistent job {job_id}"
        )

    def _check(self, job: QueuedAd, attribute: str, value: str) -> None:
        if attribute in IMMUTABLE:
            raise htcondor2.HTCondorException(
                f"Unable to commit transaction:Attempt to edit immutable attribute {attribute}"
            )
        if attribute == "JobStatus" and job.status == REMOVED and value not in {"3", "5"}:
            raise htcondor2.HTCondorException(
                "Unable to commit transaction:Changing JobStatus of removed job is invalid"
            )
        if attribute == "JobStatus" and job.status in {REMOVED, HELD} and int(value) != job.status:
            self.overridden.append(f"{job.key}: {job.status} became {value}")

    def _set(self, job: QueuedAd, attribute: str, value: str) -> None:
        if attribute == "HoldReasonCode" and value != str(SPOOLING):
            so_far = job.ad.get("NumHolds")  # what is no whole number counts as none
            job.ad["NumHolds"] = 1 + (so_far if isinstance(so_far, int) else 0)
        if attribute == "JobStatus":
            job.ad["LastJobStatus"], job.since = job.status, self.clock()
        if value == "undefined":
            job.ad.pop(attribute, None)
            job.undefined.add(attribute)
        else:
            job.ad[attribute] = evaluate(value, {})
            job.undefined.discard(attribute)

    def _status(self, job: QueuedAd, status: int) -> None:
        self._set(job, "JobStatus", str(status))
        job.ad["EnteredCurrentStatus"] = int(self.clock())

    def _remove(self, job: QueuedAd, reason: str) -> None:
        job.ad["RemoveReason"] = reason
        self._status(job, REMOVED)

    def _drop(self, job_id: str) -> None:
        job = self.jobs.pop(job_id)
        shutil.rmtree(job.ad["Iwd"], ignore_errors=True)


class _Call:
    """One call of the library. `lost` is what it says when the connection ends before anything was done."""

    def __init__(self, schedd: Schedd, lost: str, attribute: str):
        self._schedd, self._lost, self._attribute = schedd, lost, attribute

    def __enter__(self) -> None:
        self._schedd.calls += 1
        if self._schedd.dead:
            self._schedd.dead = False
            raise htcondor2.HTCondorException("Failed to connect to schedd.")
        try:
            self._schedd.happen(self._attribute, replying=False)
        except Lost:
            # An edit by constraint then sounds as if nothing had matched: only the next call tells the truth.
            self._schedd.dead = self._lost == NO_MATCH
            raise htcondor2.HTCondorException(self._lost) from None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._answer()
        for plan in self._schedd.plans:
            if isinstance(plan.when, int):
                plan.when = max(0, plan.when - 1)

    def _answer(self) -> None:
        try:
            self._schedd.happen(self._attribute, replying=True)
        except Lost:
            raise htcondor2.HTCondorException("Unable to commit transaction:") from None


class InProcess:
    """The child program's operations without a process (hosted_ce.intake.condor.queue.Calls)."""

    def __init__(self, schedd: Schedd):
        self._schedd = schedd

    async def call(self, operation: str, timeout: float, **arguments: Any) -> Any:
        """What the operation returns."""
        request = json.loads(json.dumps({"operation": operation, "arguments": arguments}))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(child, "_schedd", lambda: self._schedd)
            answer = json.loads(json.dumps(child.answer(request)))
        if "refused" in answer:
            raise QueueRefused(answer["refused"])
        if "error" in answer:
            raise QueueUnavailable(answer["error"])
        return answer["ok"]

    async def close(self) -> None:
        """There is nothing to end."""


def lost() -> None:
    """An action for a plan: the connection ends."""
    raise Lost("the connection was lost")


def _projected(ad: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: value for name, value in ad.items() if not names or name in names}


def folder_of(job: QueuedAd) -> Path:
    """Where its files are."""
    return Path(os.fspath(job.ad["Iwd"]))
