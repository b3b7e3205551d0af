"""The process that starts jobs, ends those whose time is up or that were cancelled, and notes their ends.

It keeps nothing that matters: the store and the jobs' own files say it all, and each step starts from them.
It may be killed at any time; the next command that finds unfinished jobs starts another one.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable

from . import bell, processes, store, wake
from .job import Job, State, outcome
from .schedule import plan
from .site import Site, program, site
from .spool import End, Spool, kept
from .store import Store

_LOOK_S = 0.5
"""Ends are rung in. This is for supervisors that were killed and cannot ring."""
_EXIT_1 = 256


class Controller:
    """One controller's work, step by step."""

    def __init__(self, here: Site, jobs: Store, clock: Callable[[], float] = time.time) -> None:
        self._site = here
        self._jobs = jobs
        self._clock = clock
        self._supervisors: dict[int, subprocess.Popen[bytes]] = {}
        self._told: set[int] = set()
        """Jobs that got their SIGTERM."""

    def step(self) -> float | None:
        """Does what is due; returns the seconds until there may be more to do, None when nothing is live."""
        for job in self._jobs.live():
            if job.state != State.PENDING:
                self._attend(job)
        self._end_completing()
        self._schedule()
        return self._pause()

    def sweep(self) -> None:
        """Removes the files of jobs that never started, or whose controller was killed before it could."""
        for job_id in kept(self._site.folder):
            if self._jobs.over(job_id):  # One that is not known is just being submitted.
                Spool(self._site.folder, job_id).remove()

    def _attend(self, job: Job) -> None:
        if self._collect(job):
            return
        supervisor = self._spool(job).supervisor()
        if supervisor is None:
            self._launch(job)
        elif not processes.alive(supervisor):
            self._bereave(job)
        elif job.deadline is not None and job.deadline <= self._clock():
            self._jobs.time_out(job.id, now=self._clock())

    def _collect(self, job: Job) -> bool:
        end = self._spool(job).end()
        if end:
            self._finish(job, *outcome(end.wait_status), end)
        return end is not None

    def _bereave(self, job: Job) -> None:
        if self._collect(job):  # It may have written the end down after we looked, and gone.
            return
        processes.send(self._family(job), signal.SIGKILL)
        self._finish(job, State.NODE_FAIL, "NodeDown", End(0, self._clock()))

    def _launch(self, job: Job) -> None:
        process = self._supervisors.get(job.id)
        if job.completing:
            if self._spool(job).claim(processes.myself()):  # Now it cannot start any more.
                self._finish(job, State(job.state), job.reason, End(0, self._clock()))
        elif process is None:
            argv = program("supervisor", self._site.folder, str(job.id))
            self._supervisors[job.id] = subprocess.Popen(argv, start_new_session=True)
        elif process.poll() is not None and self._spool(job).supervisor() is None:
            self._finish(job, State.FAILED, "JobLaunchFailure", End(_EXIT_1, self._clock()))

    def _finish(self, job: Job, state: State, reason: str, end: End) -> None:
        self._jobs.finish(job.id, state, reason, wait_status=end.wait_status, now=end.time)
        self._spool(job).remove()
        self._told.discard(job.id)
        if process := self._supervisors.pop(job.id, None):
            process.wait()

    def _end_completing(self) -> None:
        for job in self._jobs.live():
            if job.completing and job.ended is not None:
                if self._clock() >= job.ended + self._site.kill_wait_s:
                    processes.send(self._family(job), signal.SIGKILL)
                elif job.id not in self._told and (family := self._family(job)):
                    processes.send(family, signal.SIGCONT, signal.SIGTERM)
                    self._told.add(job.id)

    def _family(self, job: Job) -> list[int]:
        supervisor = self._spool(job).supervisor()
        return processes.of_job(supervisor, processes.everyone()) if supervisor else []

    def _schedule(self) -> None:
        decided = plan(self._jobs.live(), self._site.cpus)
        for job in decided.start:
            if self._jobs.start(job.id, node=self._site.node, now=self._clock()):
                self._launch(job)
        for job, reason in decided.wait:
            if job.reason != reason:
                self._jobs.wait(job.id, reason)

    def _pause(self) -> float | None:
        live = self._jobs.live()
        if not live:
            return None
        deadlines = [job.deadline for job in live if job.state == State.RUNNING and job.deadline is not None]
        kills = [job.ended + self._site.kill_wait_s for job in live if job.ended is not None]
        now = self._clock()
        return min([_LOOK_S, *(moment - now for moment in deadlines + kills if moment > now)])

    def _spool(self, job: Job) -> Spool:
        return Spool(self._site.folder, job.id)


def main(arguments: list[str]) -> int:
    """Works until nothing is left to do. `arguments`: the site's folder and the lock's descriptor."""
    folder, lock = arguments[0], int(arguments[1])
    os.set_inheritable(lock, False)
    here = site()
    rung = bell.hang(folder)
    with store.opened(folder) as jobs:
        controller = Controller(here, jobs)
        while True:
            pause = controller.step()
            if pause is None:
                controller.sweep()
            heard = _hear(rung, here.idle_s if pause is None else pause)
            if pause is None and not heard and wake.leave(lock, jobs):
                return 0


def _hear(rung: int, seconds: float) -> bool:
    waiting = select.poll()
    waiting.register(rung, select.POLLIN)
    heard = bool(waiting.poll(seconds * 1000))
    if heard:
        os.read(rung, 4096)
    return heard
