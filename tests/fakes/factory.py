"""A factory in memory: a schedd with HTCondor's gridmanager, which takes pilots to a CE and brings them home.

It does what condorjob.cpp does at each state that it sees of a job at the CE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any

from tests.fakes.schedd import COMPLETED, HELD, IDLE, OF_CLUSTER, REMOVED, QueuedAd, Schedd, folder_of

SCRIPT = "glidein_startup.sh"


class At(StrEnum):
    """What the factory's own condor_q says of a pilot; the last three: it looks at it no more."""

    IDLE = auto()
    RUNNING = auto()
    HELD = auto()
    COMPLETED = auto()
    FORGOTTEN = auto()
    """Removed at the factory. By force: then the CE was not told."""
    DISAPPEARED = auto()


@dataclass(slots=True)
class Sent:
    """A pilot of the factory, and its job at the CE."""

    job_id: str
    key: str
    at: At = At.IDLE
    seen: int | None = IDLE
    """The last status that was seen of it at the CE; None: the gridmanager is new."""
    hold: tuple[str, int | None, int | None] | None = None
    """Reason, code and sub code of the hold that the CE told."""
    outputs: tuple[bytes, bytes] | None = None
    home: dict[str, Any] = field(default_factory=dict)
    """Its ad at the CE when it came home."""
    files_known_there: bool = False
    """Whether the gridmanager has seen the job without the hold for its files."""
    may_disappear: bool = False
    """Whether the CE's queue was lost, or the job removed there by force."""


class Factory:
    """Submits to one schedd. `sent`: its pilots, oldest first."""

    def __init__(self, schedd: Schedd):
        self._schedd = schedd
        self.sent: list[Sent] = []

    @property
    def present(self) -> list[Sent]:
        """Those that it still looks at."""
        return [sent for sent in self.sent if sent.at in {At.IDLE, At.RUNNING, At.HELD}]

    def submit(self, ad: Mapping[str, Any], files: Mapping[str, bytes]) -> Sent:
        """One pilot, with its files."""
        number = len(self.sent) + 1
        told = {"SubmitterGlobalJobId": f"factory.test#{number}.0#1", "Arguments": f"-cluster {number}"}
        job = self._schedd.submit({**told, **ad}, files)
        self.sent.append(Sent(f"{job.ad['ClusterId']}.0", job.key))
        return self.sent[-1]

    # What people and glideinWMS do there

    def hold(self, sent: Sent) -> None:
        """condor_hold."""
        if sent.at in {At.IDLE, At.RUNNING}:
            sent.at, sent.hold = At.HELD, None
            if self._job(sent):
                self._schedd.hold(sent.job_id)

    def release(self, sent: Sent) -> None:
        """condor_release."""
        if sent.at is At.HELD:
            sent.at, sent.hold = At.IDLE, None
            if self._job(sent):
                self._schedd.release(sent.job_id)

    def remove(self, sent: Sent, *, force: bool = False) -> None:
        """condor_rm: the factory forgets at once. By force (-forcex) nobody tells the CE."""
        if sent in self.present:
            sent.at = At.FORGOTTEN
            if not force and self._job(sent):
                self._schedd.remove(sent.job_id)

    def restart(self) -> None:
        """A new gridmanager knows its jobs, and not how they were."""
        for sent in self.sent:
            sent.seen = None

    # What its gridmanager does

    def poll(self) -> None:
        """Looks at every job of its once, and does what follows."""
        for sent in self.present:
            job = self._job(sent)
            if job is None:
                self._disappeared(sent)
            elif sent.files_known_there or job.ad.get("HoldReason") != OF_CLUSTER["HoldReason"]:
                sent.files_known_there = True
                self._look(sent, job)
                sent.seen = job.status

    def _look(self, sent: Sent, job: QueuedAd) -> None:
        if job.status == HELD and sent.at is not At.HELD:
            self._held(sent, job)
        elif job.status == COMPLETED and "JobFinishedHookDone" in job.ad:
            self._bring_home(sent, job)
        elif job.status not in {HELD, REMOVED, COMPLETED}:
            assert sent.at is not At.HELD, f"{sent.key} is held at the factory, and the CE released it"
            sent.at = At.IDLE if job.status == IDLE else At.RUNNING

    def _held(self, sent: Sent, job: QueuedAd) -> None:
        """The first thing that a new gridmanager does with a held job is to release it."""
        if sent.seen is None:
            self._schedd.release(sent.job_id)
            return
        sent.at = At.HELD
        sent.hold = (
            str(job.ad["HoldReason"]), job.ad.get("HoldReasonCode"), job.ad.get("HoldReasonSubCode")
        )  # fmt: skip

    def _bring_home(self, sent: Sent, job: QueuedAd) -> None:
        folder = folder_of(job)
        sent.outputs = (folder / job.ad["Out"]).read_bytes(), (folder / job.ad["Err"]).read_bytes()
        sent.home, sent.at = dict(job.ad), At.COMPLETED
        job.leave = True
        self._schedd.sweep()

    def _disappeared(self, sent: Sent) -> None:
        allowed = sent.may_disappear or sent.key in self._schedd.removed
        assert allowed, f"{sent.key} left the CE's queue before its time"
        sent.at = At.DISAPPEARED

    def _job(self, sent: Sent) -> QueuedAd | None:
        job = self._schedd.jobs.get(sent.job_id)
        return job if job and job.key == sent.key else None
