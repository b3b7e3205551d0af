"""What can go wrong between the CE and a site, and calls that a test stops on their way."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from enum import Enum, auto
from typing import Any

from bosco.errors import Failed, Interrupted, NotRun, Refusal

Call = asyncio.Task[Any]
"""Who made it."""


class Fault(Enum):
    """What becomes of one call. The first six fit every operation, the others only `submit` or `list`."""

    NOT_RUN = auto()
    """NotRun: it provably did not happen."""
    LOST_REQUEST = auto()
    """Interrupted: the request never reaches the site."""
    LATE_REQUEST = auto()
    """Interrupted: the request reaches the site when the test delivers it."""
    LOST_REPLY = auto()
    """Interrupted: it happened, and the ledger has the answer."""
    FAILED = auto()
    """Failed: the agent could not do it."""

    LIMIT = auto()
    """Failed: a clear no, the account's limits are reached."""
    PERMANENT = auto()
    """Failed: a clear no, it can never run there."""
    TRANSIENT = auto()
    """Failed: the batch system is in trouble; nothing was submitted."""
    TRANSIENT_YET_TAKEN = auto()
    """Failed as TRANSIENT, yet there is a batch job."""
    UNCLEAR = auto()
    """Interrupted: the submit command's words are no clear answer; nothing was submitted."""
    UNCLEAR_YET_TAKEN = auto()
    """Interrupted as UNCLEAR, yet there is a batch job."""
    CLAIM_ONLY = auto()
    """Interrupted: the agent died after the claim, before the submit command."""
    SLOW = auto()
    """Interrupted: the submit command is still at it; there is a batch job when the test delivers it."""
    LEDGER_LOST = auto()
    """Interrupted: the agent died after the submit command, before the ledger."""
    LOST_REPLY_OF_PERMANENT = auto()
    """Interrupted: the ledger has a clear no."""

    INCOMPLETE = auto()
    """The listing was cut: it has every second job only, and says that it is not complete."""
    EMPTY = auto()
    """The listing claims to be complete and has no job at all, with exit code 0."""
    COMMAND_FAILED = auto()
    """The query failed: not complete, nothing in it."""


REFUSALS = {
    Fault.LIMIT: Refusal.LIMIT,
    Fault.PERMANENT: Refusal.PERMANENT,
    Fault.LOST_REPLY_OF_PERMANENT: Refusal.PERMANENT,
    Fault.TRANSIENT: Refusal.TRANSIENT,
    Fault.TRANSIENT_YET_TAKEN: Refusal.TRANSIENT,
}
"""Faults after which the submit command said no."""
NO_JOB = {*REFUSALS, Fault.UNCLEAR, Fault.CLAIM_ONLY, Fault.SLOW} - {Fault.TRANSIENT_YET_TAKEN}
"""No batch job came of it."""
NO_LEDGER = {Fault.CLAIM_ONLY, Fault.LEDGER_LOST, Fault.SLOW}
"""The ledger has no answer of the submit command."""
LOST = {
    Fault.LOST_REPLY, Fault.UNCLEAR, Fault.UNCLEAR_YET_TAKEN, Fault.LOST_REPLY_OF_PERMANENT, *NO_LEDGER,
}  # fmt: skip
"""Whoever submitted did not hear of the answer."""


class Hold:
    """A call that waits on its way: `reached` is set when it is there."""

    def __init__(self, held: set[Call], moved: asyncio.Event) -> None:
        self.reached = asyncio.Event()
        self.fault: Fault | None = None
        """What becomes of the call after its release."""
        self._go = asyncio.Event()
        self._held, self._moved = held, moved
        self._call: Call | None = None

    def release(self, fault: Fault | None = None) -> None:
        """Lets it go on, maybe into trouble."""
        self.fault = fault
        self._go.set()
        if self._call:
            self._held.discard(self._call)

    async def stop(self, call: Call) -> None:
        """This call is here, until released."""
        self._call = call
        if not self._go.is_set():
            self._held.add(call)
        self.reached.set()
        self._moved.set()
        try:
            await self._go.wait()
        finally:
            self._held.discard(call)


class Faults:
    """What the next calls meet. Everything goes well unless a test says otherwise."""

    def __init__(self) -> None:
        self.down: str | None = None
        """Why the site cannot be reached at all."""
        self.held: set[Call] = set()
        """Calls that are held. A CE that was started again may send the same pilot as the one before."""
        self.moved = asyncio.Event()
        """Set when something got as far as it can: whoever waits for it clears it."""
        self._next: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._holds: defaultdict[tuple[str, bool], deque[Hold]] = defaultdict(deque)

    def plan(self, operation: str, *faults: Fault) -> None:
        """The next calls of `operation` meet these, one each."""
        self._next[operation].extend(faults)

    def hold(self, operation: str, *, replying: bool = False) -> Hold:
        """The next call of `operation` stops before its effect, or (`replying`) after it."""
        hold = Hold(self.held, self.moved)
        self._holds[operation, replying].append(hold)
        return hold

    def calm(self) -> None:
        """No more trouble is planned."""
        self.down = None
        self._next.clear()
        self._holds.clear()

    def forget(self, *operations: str) -> None:
        """The next calls of these operations go well."""
        for operation in operations:
            self._next.pop(operation, None)
            for replying in (True, False):
                self._holds.pop((operation, replying), None)

    def next(self, operation: str) -> Fault | None:
        """What this call meets. Raises NotRun while the site is down."""
        if self.down:
            raise NotRun(self.down)
        return self._next[operation].popleft() if self._next[operation] else None

    async def stop(self, operation: str, *, replying: bool, fault: Fault | None) -> Fault | None:
        """Waits if a test holds this call; returns what becomes of it."""
        if not self._holds[operation, replying]:
            return fault
        hold, call = self._holds[operation, replying].popleft(), asyncio.current_task()
        assert call
        await hold.stop(call)
        return hold.fault or fault


def before(fault: Fault | None) -> None:
    """Raises what ends a call before it has an effect."""
    if fault is Fault.NOT_RUN:
        raise NotRun("the link has ended")
    if fault in {Fault.LOST_REQUEST, Fault.LATE_REQUEST}:
        raise Interrupted("the connection was lost")


def after(fault: Fault | None) -> None:
    """Raises what ends a call after its effect."""
    if fault is Fault.LOST_REPLY:
        raise Interrupted("the connection was lost")
    if fault is Fault.FAILED:
        raise Failed("the agent failed")
