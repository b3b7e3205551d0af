"""What condor_submit's error texts mean for a retry.

It sends a job to the schedd piece by piece, and asks for a commit last. What fails before is a clear no.
A commit that fails is one only with the schedd's reason in the line below; without, the answer was lost,
and the job may be in the queue.
"""

from __future__ import annotations

import re

from bosco.batch.refusals import meaning_of, never_started
from bosco.errors import Refusal

_COMMIT = b"Failed to commit job submission into the queue"
_WITH_REASON = re.compile(re.escape(_COMMIT) + rb"\.?\s*\n\s*ERROR: \S")
_LIMIT = re.compile(
    rb"ERROR: Failed to create (proc|cluster)\s*\n[^\n]*(would exceed|MAX_JOBS|limit)", re.IGNORECASE
)
_TRANSIENT = re.compile(
    rb"ERROR: (Failed to connect to local queue manager|Can't find address of (local )?schedd|"
    rb"Failed to create (proc|cluster))"
)
_PERMANENT = re.compile(
    rb"ERROR: (on Line \d|Failed to parse command file|Parse error in expression|Invalid |I don't know about|"
    rb"Executable file |Can't open )"
)


def refusal_of(exit_code: int, stderr: bytes) -> Refusal | None:
    """The kind of no, or None when it is not certain that nothing was submitted."""
    if exit_code < 0:
        return None  # ended by a signal, in whatever it was doing
    if never_started(exit_code, stderr):
        return Refusal.TRANSIENT
    if _COMMIT in stderr:
        return Refusal.PERMANENT if _WITH_REASON.search(stderr) else None
    return meaning_of(
        stderr, (_LIMIT, Refusal.LIMIT), (_TRANSIENT, Refusal.TRANSIENT), (_PERMANENT, Refusal.PERMANENT)
    )
