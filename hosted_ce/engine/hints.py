"""Hints: a change of a pilot wakes the workers of its new stage, so that nothing waits for a timer."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Collection, Sequence

from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import Goal, Stage


class Hint:
    """Wakes one worker. Losing a hint costs time, never a pilot: workers look at what is written down."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Ends the wait under way, or the next one."""
        self._event.set()

    async def wait(self, timeout: float) -> bool:
        """Waits for a wake, at most `timeout` seconds; whether there was one."""
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return False
        finally:
            self._event.clear()
        return True


class Hints:
    """Hands the changes of pilots on to those who asked for their stages, as long as they keep their hint."""

    def __init__(self) -> None:
        self._interested = weakref.WeakKeyDictionary[Hint, tuple[frozenset[Stage], bool]]()

    def of(self, stages: Collection[Stage], *, endings: bool = False) -> Hint:
        """A hint that wakes when a pilot comes to one of `stages`, or (if wanted) its attempt is to end."""
        hint = Hint()
        self._interested[hint] = frozenset(stages), endings
        return hint

    def __call__(self, changes: Sequence[Change]) -> None:
        """A listener for the store."""
        stages = {change.update["stage"] for change in changes if "stage" in change.update}
        ending = any(change.update.get("goal", Goal.RUN).ends_attempt for change in changes)
        for hint, (wanted, endings) in list(self._interested.items()):
            if stages & wanted or (endings and ending):
                hint.wake()
