"""Names of the attributes that the door reads and writes in the schedd's queue."""

from __future__ import annotations

MANAGER = "hosted_ce"
"""What `ManagedManager` says of our jobs."""

EXTERNAL = "External"
"""What `Managed` says of a job that is in its manager's care."""
SCHEDD_DONE = "ScheddDone"
"""What it says of a job that its manager has given back."""

PREFIX = "ChirpHostedCE"
"""HTCondor's gridmanager copies every attribute that begins with Chirp into the factory's own ad."""

SHOWN = tuple(
    PREFIX + name
    for name in (
        "Pilot", "BatchId", "Node", "Route", "State", "Reason", "Requested", "Granted", "End", "EndClass",
        "Attempt",
    )
)  # fmt: skip
"""What people at the factory see of a pilot in their own condor_q."""

STATUS_DEALT_WITH = "HostedCEStatus"
"""The JobStatus that was dealt with last. A hint for the query of each tick; nothing is decided by it."""
HOLDS_DEALT_WITH = "HostedCEHolds"
"""The NumHolds that was dealt with last. A hint as well."""

OURS_TO_SAY = (
    "Managed", "ManagedManager", "GridJobId", "JobFinishedHookDone", "RoutedBy", STATUS_DEALT_WITH,
    HOLDS_DEALT_WITH, *SHOWN,
)  # fmt: skip
"""What nobody may bring along: a job with these would look as if it were managed, or had ended."""

PROTECTED = (*OURS_TO_SAY, "GlobalJobId", "Iwd")
"""What only the manager may edit: the job's owner, who is the factory, could take it from us otherwise."""

STATUS = (
    "ClusterId", "ProcId", "GlobalJobId", "JobStatus", "NumHolds", "Managed", "EnteredCurrentStatus",
    "HoldReason", "HoldReasonCode", "RemoveReason", "QDate", "Iwd", "Out", "Err",
    STATUS_DEALT_WITH, HOLDS_DEALT_WITH,
)  # fmt: skip
"""What is asked of a job to know where it stands."""

SPOOLING = 16
"""HoldReasonCode of a job whose files are on their way.

A schedd that was restarted shows it, with its reason, at jobs that it has released long ago: what was taken
from a job alone is in its cluster's ad still.
"""
_SPOOLED = f"StageInFinish > 0 && (JobStatus == 1 || (JobStatus == 5 && HoldReasonCode =!= {SPOOLING}))"
UNCLAIMED = f"JobUniverse == 5 && Managed =?= undefined && {_SPOOLED}"
"""Also those that are held already: nobody else would ever remove them if their factory forgot them."""
OURS = f'ManagedManager =?= "{MANAGER}"'
CLAIMED = f'{OURS} && Managed =?= "{EXTERNAL}"'
NEW = f"{CLAIMED} && {STATUS_DEALT_WITH} =?= undefined"
CHANGED = (
    f"{CLAIMED} && (JobStatus =!= {STATUS_DEALT_WITH}"
    f" || (JobStatus != 5 && (NumHolds ?: 0) =!= ({HOLDS_DEALT_WITH} ?: 0)))"
)
ARRIVING = f"JobUniverse == 5 && Managed =?= undefined && JobStatus == 5 && HoldReasonCode == {SPOOLING}"
"""Jobs whose files are on their way: the schedd holds them for it.

If it dies meanwhile it forgets to release them, even if all files have come.
"""
ATTENTION = f"({UNCLAIMED}) || ({CHANGED})"
"""The one query of a tick: it finds nothing while nobody asks for anything."""
