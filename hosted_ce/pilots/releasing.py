"""How a hold ends: a pilot that a factory brought is released there. Pure."""

from __future__ import annotations

import shlex

from hosted_ce.pilots.pilot import Pilot


def how_to_release(pilot: Pilot) -> str:
    """The command that ends a pilot's hold, for the one whose turn it is."""
    if not pilot.door_open:
        return f"release it: hosted-ce pilots release {pilot.id}"
    if pilot.factory_job is not None:
        return _condor_release("at the factory", pilot.factory_job)
    return _condor_release("in the front door's queue", pilot.door_key or "")


def _condor_release(where: str, global_job_id: str) -> str:
    """A GlobalJobId is schedd#cluster.proc#time."""
    schedd, _, rest = global_job_id.partition("#")
    job, _, time = rest.partition("#")
    if not (schedd and job and time):
        return f"release it {where}, where its job is {global_job_id!r}"
    return f"release it {where}: condor_release -name {shlex.quote(schedd)} {shlex.quote(job)}"
