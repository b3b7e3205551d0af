"""What sbatch's error texts mean for a retry.

Only texts with which slurmctld itself refuses a request are a clear no. Anything else may have been accepted:
"Socket timed out on send/recv operation", for one, is printed for jobs that run later.
"""

from __future__ import annotations

import re

from bosco.errors import Refusal

_LIMIT = re.compile(
    rb"(QOS|Assoc)\w*(Limit|Max)|Job violates accounting/QOS policy|Reached (the )?max|"
    rb"exceeded? .{0,40}submit limit|Slurm temporarily unable to accept job",
    re.IGNORECASE,
)
_PERMANENT = re.compile(
    rb"invalid partition|Invalid account|Invalid qos|Requested node configuration is not available|"
    rb"Requested time limit is invalid|Invalid feature specification|Invalid generic resource|"
    rb"Invalid constraint|Invalid reservation|User's group not permitted|"
    rb"More processors requested than permitted|"
    rb"Node count specification invalid|Memory required by task is not available|Invalid --|"
    rb"Memory specification can not be satisfied|unrecognized option|requires an argument|"
    rb"Access/permission denied|Requested partition configuration not available|"
    rb"Requested GRES option unsupported|Invalid directive|Pathname of a file, directory",
    re.IGNORECASE,
)
_TRANSIENT = re.compile(
    rb"\(connect failure\)|Requested partition .{0,40}(down|drain)|Required partition not available|"
    rb"No such file or directory|command not found|Resource temporarily unavailable",
    re.IGNORECASE,
)


def refusal_of(stderr: bytes) -> Refusal | None:
    """The kind of no, or None when it is not certain that nothing was submitted."""
    for pattern, refusal in (
        (_LIMIT, Refusal.LIMIT),
        (_PERMANENT, Refusal.PERMANENT),
        (_TRANSIENT, Refusal.TRANSIENT),
    ):
        if pattern.search(stderr):
            return refusal
    return None
