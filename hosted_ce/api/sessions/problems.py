"""What a session does not take, as problems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hosted_ce.api.problems import kinds
from hosted_ce.api.problems.kind import Kind
from hosted_ce.api.problems.problem import FieldError, Problem, invalid
from hosted_ce.session.checklist import UnknownItem
from hosted_ce.session.errors import (
    CannotRun,
    CannotSay,
    NoSession,
    SessionEnded,
    SessionError,
    SessionOpen,
)

TOLD = (kinds.NO_SUCH_SESSION, kinds.INVALID_REQUEST)
CHANGED = (*TOLD, kinds.SESSION_ENDED, kinds.SHUTTING_DOWN)
"""What every change may be answered with."""
_KINDS: dict[type[SessionError], Kind] = {
    NoSession: kinds.NO_SUCH_SESSION, SessionOpen: kinds.SESSION_OPEN, SessionEnded: kinds.SESSION_ENDED,
    CannotSay: kinds.CANNOT_SAY, CannotRun: kinds.CANNOT_RUN,
}  # fmt: skip


@contextmanager
def told() -> Iterator[None]:
    """Raises Problem for what a session raises."""
    try:
        yield
    except UnknownItem as error:
        raise invalid(kinds.INVALID_REQUEST, [FieldError(path="item", message=str(error))]) from error
    except SessionError as error:
        raise Problem(_KINDS[type(error)], str(error)) from error
