"""What qsub's error texts mean for a retry: its exit code is 1 for nearly everything."""

from __future__ import annotations

import re

from bosco.batch.refusals import meaning_of, never_started
from bosco.errors import Refusal

_LIMIT = re.compile(
    rb"Only \d+ jobs are allowed per user|maximum number of jobs|job rejected: .*(limit|quota)", re.IGNORECASE
)
_PERMANENT = re.compile(
    rb"Job was rejected because|job rejected: |unknown resource|denied: |is not a (time|memory|bool) value|"
    rb"is not a valid object name|no suitable queues|Unable to read script file|invalid option argument|"
    rb"Unknown option|has no permission|attribute \"|Unable to run job: can't resolve hostname",
    re.IGNORECASE,
)
_NOT_SENT = re.compile(
    rb"got select error \(Connection refused\)|unable to contact qmaster|cell directory", re.IGNORECASE
)
_UNSURE = re.compile(rb"got send error|unable to send message|receive|timeout", re.IGNORECASE)


def refusal_of(exit_code: int, output: bytes) -> Refusal | None:
    """The kind of no, or None when it is not certain that nothing was submitted.

    A qmaster that is refused by the kernel was never asked; one that did not answer may have the job.
    """
    if exit_code <= 0:
        return None
    if never_started(exit_code, output.strip()):
        return Refusal.TRANSIENT
    return meaning_of(
        output,
        (_NOT_SENT, Refusal.TRANSIENT),
        (_UNSURE, None),
        (_LIMIT, Refusal.LIMIT),
        (_PERMANENT, Refusal.PERMANENT),
    )
