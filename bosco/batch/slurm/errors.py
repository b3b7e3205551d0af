"""What sbatch's error texts mean for a retry.

sbatch gives its verdict last: "sbatch: error: Batch job submission failed: REASON". Only reasons with which
slurmctld itself refuses a request are a clear no. Anything else may have been accepted: "Socket timed out on
send/recv operation", for one, is printed for jobs that run later. The lines above a verdict explain it or are
noise; they make no clear no of it. Without a verdict, sbatch gave up by itself, and only its complaints from
before it sends anything count.
"""

from __future__ import annotations

import re

from bosco.batch.refusals import meaning_of, never_started
from bosco.errors import Refusal

_VERDICT = b"Batch job submission failed:"
_LIMIT = re.compile(
    rb"\A(?:(QOS|Assoc)\w*(Limit|Max)|Job violates accounting/QOS policy|MaxJobCount limit reached|"
    rb"Unable to create job record|Invalid job array specification)",
    re.IGNORECASE,
)
_PERMANENT = re.compile(
    rb"\A(?:Invalid partition|Invalid account|Invalid qos|Requested node configuration is not available|"
    rb"Requested time limit is invalid|Invalid feature specification|Invalid generic resource|"
    rb"Invalid constraint|Invalid reservation|User's group not permitted|"
    rb"More processors requested than permitted|No partition specified|"
    rb"(Node|CPU|Task) count specification invalid|Memory required by task is not available|"
    rb"Access/permission denied|Requested partition configuration not available|"
    rb"Requested GRES option unsupported|Invalid (wckey|license) specification|"
    rb"Access denied to requested reservation|Requested reservation is invalid|"
    rb"Pathname of a file, directory|Invalid node name specified)",
    re.IGNORECASE,
)
_TRANSIENT = re.compile(
    rb"\A(?:Unable to contact slurm controller \(connect failure\)|Required partition not available|"
    rb"Partition in DOWN state|System submissions disabled|Rate limit exceeded|"
    rb"(Controller is|Slurm backup controller) in standby mode|Resource temporarily unavailable)",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(
    rb"^\S*sbatch: (error: )?("
    rb"Invalid --|Invalid generic resource|Invalid numeric value|Invalid directive|invalid number of|"
    rb"unrecognized option|option .* requires an argument|Batch script |"
    rb"This does not look like a batch script|The Slurm controller does not allow scripts)",
    re.MULTILINE,
)
_UNAUTHENTICATED = b"Protocol authentication error"
_NOT_SENT = re.compile(rb"auth\w*_create: REQUEST_SUBMIT_BATCH_JOB has authentication error")
"""munge is down here. The verdict alone could also mean that the answer could not be verified."""


def refusal_of(exit_code: int, stderr: bytes) -> Refusal | None:
    """The kind of no, or None when it is not certain that nothing was submitted."""
    if exit_code < 0:
        return None  # ended by a signal, in whatever it was doing
    if never_started(exit_code, stderr):
        return Refusal.TRANSIENT
    # More than one: a wrapper of the site's tried again. One that is not clear leaves all in doubt.
    reasons = [text.partition(b"\n")[0].strip() for text in stderr.split(_VERDICT)[1:]]
    verdicts = [_meaning(reason, stderr) for reason in reasons]
    if verdicts:
        return None if None in verdicts else verdicts[-1]
    return Refusal.PERMANENT if _COMPLAINT.search(stderr) else None


def _meaning(reason: bytes, stderr: bytes) -> Refusal | None:
    if reason == _UNAUTHENTICATED:
        return Refusal.TRANSIENT if _NOT_SENT.search(stderr) else None
    return meaning_of(
        reason, (_LIMIT, Refusal.LIMIT), (_PERMANENT, Refusal.PERMANENT), (_TRANSIENT, Refusal.TRANSIENT)
    )
