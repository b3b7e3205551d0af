"""Why something that a pilot wrote is not here, in words. Pure."""

from __future__ import annotations

from hosted_ce.pilots.pilot import Pilot
from hosted_ce.pilots.states import Stage


def why_no_output(pilot: Pilot, name: str) -> str:
    """For somebody who asks for its stdout or stderr."""
    where = f"pilot {pilot.id} is {pilot.state}"
    if pilot.stage is not Stage.DONE:
        return f"{where}: its {name} is fetched when its batch job has ended"
    if pilot.attempt is None:
        return f"{where}: it had no batch job, so there is no {name}"
    return f"{where}: no {name} of its batch job was fetched; its history says why"
