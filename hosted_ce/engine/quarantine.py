"""Keeps one pilot that we cannot handle from stopping the others.

Its failures are mistakes of ours, or of what it brought: not trouble at the site. After some of them it is
parked for a while, with the reason in its record, and tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from hosted_ce.correlation import bound
from hosted_ce.engine.ports import Clock, Store
from hosted_ce.pilots.pilot import Change, Event, Pilot

log = structlog.get_logger(__name__)
T = TypeVar("T")
PARKED_AFTER = 3
FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 3600.0


@dataclass(slots=True)
class _Failures:
    times: int = 0
    until: float = 0.0
    told: bool = False


class Quarantine:
    """The pilots that one step cannot handle."""

    def __init__(self, step: str, store: Store, now: Clock):
        self._step, self._store, self._now = step, store, now
        self._failures: dict[int, _Failures] = {}

    @property
    def parked(self) -> int:
        """How many are parked."""
        return sum(one.times >= PARKED_AFTER for one in self._failures.values())

    def admits(self, pilot_id: int) -> bool:
        """Whether it may be tried now."""
        one = self._failures.get(pilot_id)
        return one is None or self._now() >= one.until

    def spotless(self, pilot_id: int) -> bool:
        """Whether it has not failed since it was last handled."""
        return pilot_id not in self._failures

    def passed(self, pilot_id: int) -> None:
        """It was handled."""
        self._failures.pop(pilot_id, None)

    def failed(self, pilot_id: int, error: Exception) -> None:
        """It was not, by an error that is no trouble at the site."""
        one = self._failures.setdefault(pilot_id, _Failures())
        one.times += 1
        log.error("cannot handle a pilot", step=self._step, pilot=pilot_id, times=one.times, exc_info=error)
        if one.times >= PARKED_AFTER:
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(one.times - PARKED_AFTER, 10))
            one.until = self._now() + pause

    async def tell(self, pilot: Pilot) -> None:
        """Writes down that a parked pilot is parked, and why it was, once."""
        one = self._failures.get(pilot.id)
        if one is None or one.told or one.times < PARKED_AFTER:
            return
        one.told = True
        why = f"parked: step {self._step} failed {one.times} times by a mistake of this CE; its log says how"
        await self._store.apply([Change(pilot, {"reason": why}, event=Event("parked", "engine", why))])

    async def each(self, pilots: Iterable[Pilot], judge: Callable[[Pilot], T | None]) -> list[T]:
        """What `judge` makes of each pilot that is not parked; those that it fails at are left out."""
        found = []
        for pilot in pilots:
            if not self.admits(pilot.id):
                continue
            try:
                with bound(pilot=pilot.id):
                    made = judge(pilot)
            except Exception as error:  # whatever it is, the others must go on
                self.failed(pilot.id, error)
                await self.tell(pilot)
                continue
            self.passed(pilot.id)
            if made is not None:
                found.append(made)
        return found
