"""Hints: a change of a pilot wakes the workers of its new stage, so that nothing waits for a timer."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hosted_ce.pilots.pilot import Change
from hosted_ce.pilots.states import Goal, Stage


class Hint:
    """Wakes one worker. Losing a hint costs time, never a pilot: workers look at what is written down."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        """Ends the wait under way, or the next one."""
        self._event.set()

    def forget(self) -> None:
        """Whoever is about to look need not be woken for what was said before."""
        self._event.clear()

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


@dataclass(frozen=True, slots=True)
class _Interest:
    stages: frozenset[Stage]
    endings: bool
    only_to_end: bool

    def hears(self, changes: Sequence[Change]) -> bool:
        return any(self._hears(change) for change in changes)

    def _hears(self, change: Change) -> bool:
        if self.endings and change.update.get("goal", Goal.RUN).ends_attempt:
            return True
        comes = change.update.get("stage") in self.stages
        return comes and (not self.only_to_end or _goal(change).ends_attempt)


class Hints:
    """Hands the changes of pilots on to those who asked for their stages, as long as they keep their hint."""

    def __init__(self) -> None:
        self._interested = weakref.WeakKeyDictionary[Hint, _Interest]()

    def of(self, stages: Collection[Stage], *, endings: bool = False) -> Hint:
        """A hint that wakes when a pilot comes to one of `stages`, or (if wanted) its attempt is to end."""
        return self._hint(_Interest(frozenset(stages), endings, only_to_end=False))

    def of_endings(self, stages: Collection[Stage]) -> Hint:
        """A hint that wakes when an attempt is to end, or a pilot for which that was so comes to a stage.

        All others that come there do not wake it: they are many, and nothing is to be done for them.
        """
        return self._hint(_Interest(frozenset(stages), endings=True, only_to_end=True))

    def __call__(self, changes: Sequence[Change]) -> None:
        """A listener for the store."""
        for hint, interest in list(self._interested.items()):
            if interest.hears(changes):
                hint.wake()

    def _hint(self, interest: _Interest) -> Hint:
        hint = Hint()
        self._interested[hint] = interest
        return hint


def _goal(change: Change) -> Goal:
    return change.update.get("goal", change.pilot.goal)
