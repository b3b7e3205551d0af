"""What the error texts and exit codes of PBS's commands mean.

An exit code is the lowest byte of an error's number. Above 15007 the numbers of OpenPBS and of Torque differ,
and several errors share a byte; so a text that is known decides, and a code only where it means the same in
both. A refusal uses up a job's number, but leaves no job. What is not known for certain to be a no may be a
job.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bosco.batch.model import CommandResult
from bosco.batch.refusals import meaning_of
from bosco.errors import Refusal

FINISHED, UNKNOWN_JOB = 35, 153
"""Exit codes of qstat: all that was asked for has finished, or is not known."""
USAGE = 2
"""Of all commands. The text may be longer than what is kept of it."""

_LIMIT = re.compile(
    rb"would exceed .{0,200}limit|Maximum number of jobs already in queue|exceeds the queue limit",
    re.IGNORECASE,
)
_PERMANENT = re.compile(
    rb"Error \(1500[23]\) submitting job|Unknown queue|Unauthorized Request|"
    rb"Job violates queue and/or server resource limits|"
    rb"Job exceeds queue resource limits|Unknown resource|Illegal attribute or resource value|"
    rb"cannot be used with|Undefined attribute|Cannot set attribute, read only|Bad UID for job execution|"
    rb"Bad GID for job execution|No default queue specified|Access to queue is denied|Invalid credential|"
    rb"illegal -[A-Za-z] value|invalid option|Job name is too long|directive error|script file|"
    rb"script contains cr, lf|in DOS/Windows text format|rejected by all possible destinations|"
    rb"Execution server rejected request|administratively rejected by the queueing system|"
    rb"Invalid account|^usage: qsub",
    re.IGNORECASE | re.MULTILINE,
)
_TRANSIENT = re.compile(
    rb"cannot connect to server|could not connect to trqauthd|Server shutting down|Queue is not enabled|"
    rb"request rejected as filter hook .{0,300} (encountered an exception|got an alarm call)|"
    rb"hosted_ce: (qsub is neither|.{0,300} cannot be the name of this host)",
    re.IGNORECASE,
)
_HOOK = 32
"""The exit code when a hook of OpenPBS refused the job; the text is the site's own. Torque has it for another
error."""
_TORQUE = b"qsub: submit error ("
_NOT_STARTED_CODES = (126, 127)
_NOT_STARTED = re.compile(
    rb"(\[Errno \d+\]|[^\n]*: (not found|Permission denied|command not found|cannot execute))"
)
"""What the agent, or the shell that looks for the right script, says when there is no qsub."""
_NOISE = re.compile(
    rb"pbs_iff: (cannot connect to host|all reserved ports in use)|Unknown Job Id|nonexistent job id|"
    rb"Job has finished|has finished, use -x or -H|Request invalid for state of job|"
    rb"Invalid state for job|job .{0,100}has already (finished|been deleted)",
    re.IGNORECASE,
)
_NODE_AWAY = re.compile(rb"Server could not connect to MOM", re.IGNORECASE)
NO_HISTORY = b"not configured to maintain job history"


def refusal_of(exit_code: int, stderr: bytes) -> Refusal | None:
    """The kind of qsub's no, or None when it is not certain that nothing was submitted."""
    if exit_code < 0:
        return None  # ended by a signal, in whatever it was doing
    said = meaning_of(
        stderr, (_LIMIT, Refusal.LIMIT), (_TRANSIENT, Refusal.TRANSIENT), (_PERMANENT, Refusal.PERMANENT)
    )
    if said:
        return said
    if exit_code in _NOT_STARTED_CODES and _NOT_STARTED.search(stderr):
        return Refusal.TRANSIENT
    by_a_hook = exit_code == _HOOK and _TORQUE not in stderr
    return Refusal.PERMANENT if (exit_code == USAGE or by_a_hook) and stderr.strip() else None


def trouble(result: CommandResult) -> Sequence[bytes]:
    """Lines of standard error that are neither noise nor about a job that is unknown or has ended."""
    lines = (line.strip() for line in result.stderr.splitlines())
    return [line for line in lines if line and not _NOISE.search(line)]


def untaken(result: CommandResult, jobs: int) -> bool:
    """Whether a request for so many jobs was taken for none of them, or may not have been.

    One whose node is away says nothing of the others: they were asked, and it can be asked again.
    """
    lines = trouble(result)
    away = sum(bool(_NODE_AWAY.search(line)) for line in lines)
    return away < len(lines) or away >= jobs
