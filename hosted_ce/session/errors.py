"""Why a session does not take what is said to it.

Exception
  SessionError       the text says what to do instead
    NoSession        there is none of this number, or none is open
    SessionOpen      another one is open
    SessionEnded     this one is over: it stays as it is
    CannotSay        this cannot be said of this item
    CannotRun        this cannot be started now
"""

from __future__ import annotations


class SessionError(Exception):
    """The root of them."""


class NoSession(SessionError):
    """There is none of this number, or none is open."""

    def __init__(self, number: int | None = None):
        which = "no session is open; begin one: hosted-ce session begin --with NAME"
        super().__init__(
            which if number is None else f"there is no session {number}; see hosted-ce session list"
        )


class SessionOpen(SessionError):
    """Another one is open. `number` is its."""

    def __init__(self, number: int, partner: str):
        self.number = number
        super().__init__(
            f"session {number} with {partner} is open, and there is one at a time: "
            "end it with hosted-ce session end"
        )


class SessionEnded(SessionError):
    """This one is over: it stays as it is."""

    def __init__(self, number: int):
        super().__init__(f"session {number} has ended and stays as it is; begin another one")


class CannotSay(SessionError):
    """This cannot be said of this item; the text says why."""


class CannotRun(SessionError):
    """This cannot be started now; the text says why."""
