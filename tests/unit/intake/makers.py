"""Values for the door's unit tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hosted_ce.intake.condor.job import QueuedJob, queued_job
from hosted_ce.pilots.pilot import Attempt, Pilot
from hosted_ce.pilots.states import Goal, Stage, State

NOW = 1_800_000_000.0
FOLDER = "/spool/14/0/cluster14.proc0.subproc0"
KEY = "ce.test#14.0#1800000000"


def ad(**changed: Any) -> dict[str, Any]:
    """What a schedd says of a job that was claimed; None leaves an attribute out."""
    made = {
        "ClusterId": 14, "ProcId": 0, "GlobalJobId": KEY, "JobStatus": 1, "Managed": "External",
        "EnteredCurrentStatus": int(NOW), "QDate": int(NOW), "Iwd": FOLDER, "Out": "_condor_stdout",
        "Err": "_condor_stderr", **changed,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def job(**changed: Any) -> QueuedJob:
    """That job."""
    return queued_job(ad(**changed))


def attempt(**changed: Any) -> Attempt:
    """An attempt that was submitted."""
    request = {"cpus": 8, "memory_mb": 4000, "walltime_s": 3600, "gpus": 0, "queue": "osg"}
    made = Attempt(
        id=5, pilot_id=7, number=1, stamp="habc", route="all", cluster="main", request=request,
        created_at=NOW - 100, batch_id="4711", submitted_at=NOW - 90,
    )  # fmt: skip
    return replace(made, **changed)


def pilot(state: State = State.IDLE, stage: Stage = Stage.QUEUED, **changed: Any) -> Pilot:
    """A pilot of the door, with an attempt in the site's queue."""
    made = Pilot(
        id=7, version=3, state=state, stage=stage, goal=Goal.RUN, reason="in the site's queue", spec={},
        door="condor", owner="osg01", created_at=NOW - 200, changed_at=NOW - 100, door_key=KEY,
        door_open=True, attempt=attempt(),
    )  # fmt: skip
    return replace(made, **changed)


def running(**changed: Any) -> Pilot:
    """One that runs."""
    made = pilot(State.RUNNING, Stage.RUNNING, attempt=attempt(started_at=NOW - 50))
    return replace(made, **changed)


def over(state: State = State.COMPLETED, **attempt_changed: Any) -> Pilot:
    """One that ran and is over."""
    ended = attempt(**{"started_at": NOW - 50, "ended_at": NOW - 10, **attempt_changed})
    return pilot(state, Stage.DONE, attempt=ended, finished_at=NOW)
