"""What can go wrong at a site, sorted by what the caller may do next.

    BoscoError
    ├── NotRun                it provably did not happen: trying again is free
    │   ├── Unreachable           no connection to the login node
    │   ├── HostKeyRefused        somebody else answered, or the pinned key is outdated
    │   ├── LoginRefused          the site does not accept our key
    │   ├── KeyUnusable           our key, its certificate or the agent that holds it cannot be used
    │   ├── AgentUnusable         logged in, but our agent cannot work there
    │   └── OtherSpool            logged in, but the spool there is not the one that we know
    ├── Failed                it ran and said no: `refusal` tells what kind of no
    └── Interrupted           it may or may not have happened: look for evidence first

The type decides whether a retry is legal, so nothing here derives from two of them.
"""

from __future__ import annotations

from enum import StrEnum


class BoscoError(Exception):
    """Root of everything that this package raises on purpose."""


class NotRun(BoscoError):
    """The operation provably did not happen at the site."""


class Unreachable(NotRun):
    """No connection to the login node."""


class HostKeyRefused(NotRun):
    """The login node's host key is not the pinned one."""


class LoginRefused(NotRun):
    """The login node does not accept our key for this account."""


class KeyUnusable(NotRun):
    """Our own key cannot be used: its file, its certificate, or the ssh-agent that holds it."""


class AgentUnusable(NotRun):
    """We can log in, but the agent cannot work there (no Python, no writable spool, noise)."""


class OtherSpool(NotRun):
    """The spool is not the one that we know: wiped, or another login node behind the name.

    What it does not have proves nothing, so nothing may be concluded from it or submitted through it.
    """


class Refusal(StrEnum):
    """Why a batch system said no."""

    PERMANENT = "permanent"
    """This request can never run here: a wrong partition, account, too long a walltime."""
    LIMIT = "limit"
    """The site takes no more from us now: QOS and association limits."""
    TRANSIENT = "transient"
    """The batch system is in trouble; the same request may go through later."""


class Failed(BoscoError):
    """The command ran and said no.

    `to_many`: what it was to a submission of several jobs. What is refused for good to all of them need not
    be to each: it is a limit, until one alone is told.
    """

    def __init__(
        self, message: str, *, refusal: Refusal = Refusal.TRANSIENT, exit_code: int | None = None,
        to_many: Refusal | None = None,
    ):  # fmt: skip
        super().__init__(message)
        self.refusal = refusal
        self.exit_code = exit_code
        self.to_many = to_many


class Interrupted(BoscoError):
    """We do not know whether it happened: the connection, the deadline or the answer was lost."""
