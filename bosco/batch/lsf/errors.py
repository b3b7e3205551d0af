"""What LSF's commands complain of. bsub fails with exit code 255 for everything; its words tell.

What it says last is "Job not submitted." when nothing was: that is a clear no, whatever is before it. Without
these words the job may be there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bosco.batch.model import CommandResult
from bosco.batch.refusals import never_started
from bosco.errors import Refusal

_NO = b"Job not submitted"
_LIMIT = re.compile(
    rb"pending job (slot )?(limit|threshold)|job (slot )?limit|limit (has been |is )?(reached|exceeded)|"
    rb"User's.{0,40}limit|maximum number of pending",
    re.IGNORECASE,
)
_TRANSIENT = re.compile(
    rb"is closed|has been closed|Queue is inactive|LSF is down|LIM is down|Cannot connect|batch daemon|"
    rb"try(ing)? later|System (call|error)|Failed in an LSF library call|not responding|Please wait|"
    rb"Communication time out",
    re.IGNORECASE,
)
_NEVER_SENT = re.compile(
    rb"LSF is down|LIM is down|Cannot connect to LSF|LIM is not responding", re.IGNORECASE
)
_GONE = re.compile(
    rb"Job <[^>]{0,60}>: (Job has already finished|No matching job found|No unfinished job found|"
    rb"Job has not started|Job has not been dispatched|is not found|.{0,40}not running)|"
    rb"No (unfinished |matching )?job found",
    re.IGNORECASE,
)


def refusal_of(exit_code: int, stderr: bytes) -> Refusal | None:
    """The kind of bsub's no, or None when it is not certain that nothing was submitted."""
    if exit_code < 0:
        return None  # ended by a signal, in whatever it was doing
    if never_started(exit_code, stderr):
        return Refusal.TRANSIENT
    if _NO not in stderr:
        return Refusal.TRANSIENT if _NEVER_SENT.search(stderr) else None
    if _LIMIT.search(stderr):
        return Refusal.LIMIT
    return Refusal.TRANSIENT if _TRANSIENT.search(stderr) else Refusal.PERMANENT


def nothing_found(result: CommandResult) -> bool:
    """Whether a query's only word is that there are no such jobs: an answer, with any exit code."""
    lines = [line.strip() for line in (result.stdout + b"\n" + result.stderr).splitlines() if line.strip()]
    return bool(lines) and all(_GONE.search(line) for line in lines)


def trouble(result: CommandResult) -> Sequence[bytes]:
    """What bkill says that is not about a job which is gone, or which does not run. Silence is trouble,
    too.
    """
    lines = [line.strip() for line in result.stderr.splitlines() if line.strip()]
    return [line for line in lines if not _GONE.search(line)] if lines else [b"no word why"]
