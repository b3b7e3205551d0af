"""What Slurm's states, and its reasons for waiting, say of a job. Pure."""

from __future__ import annotations

import re

from bosco.batch.model import Cause, Phase

_PENDING = frozenset({"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "POWER_UP_NODE"})
_HELD = frozenset({"REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"})
_HELD_REASON = re.compile(r"JobH[eo]ld|.*\brequeued\b.*\bheld\b")
"""With the state PENDING: JobHeldUser, JobHeldAdmin, JobHoldMaxRequeue; "job requeued in held state", "launch
failed requeued held", "user env retrieval failed requeued held". Some versions have underscores in them."""
_RUNNING = frozenset(
    {"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING", "UPDATE_DB"}
)
_ENDED = {
    "COMPLETED": Cause.EXITED,
    "FAILED": Cause.EXITED,
    "TIMEOUT": Cause.WALLTIME,
    "DEADLINE": Cause.WALLTIME,
    "OUT_OF_MEMORY": Cause.MEMORY,
    "CANCELLED": Cause.CANCELLED,
    "NODE_FAIL": Cause.NODE_FAILURE,
    "BOOT_FAIL": Cause.NODE_FAILURE,
    "LAUNCH_FAILED": Cause.NODE_FAILURE,
    "RECONFIG_FAIL": Cause.NODE_FAILURE,
    "PREEMPTED": Cause.PREEMPTED,
}
"""REVOKED is none: another cluster of a federation has the job."""


def phase_of(state: str, reason: str = "") -> Phase:
    """UNKNOWN for a state that is not known. `reason`: why it waits; it may be held by that alone."""
    word = _word(state)
    if word in _PENDING:
        return Phase.HELD if _HELD_REASON.match(reason.replace("_", " ")) else Phase.PENDING
    if word in _HELD:
        return Phase.HELD
    if word in _RUNNING:
        return Phase.RUNNING
    return Phase.ENDED if word in _ENDED else Phase.UNKNOWN


def cause_of(state: str) -> Cause | None:
    """Why a job ended that is in this state; None: it has not, as far as is known."""
    return _ENDED.get(_word(state))


def _word(state: str) -> str:
    return state.split(" ", 1)[0]  # "CANCELLED by 1000"
