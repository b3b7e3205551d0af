"""A site to try a ramp on: pilots come, wait, start, run, fail and end there, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from hosted_ce.pilots.end_classes import EndClass
from hosted_ce.ramp import acts
from hosted_ce.ramp.controller import begun, step
from hosted_ce.ramp.evidence import Evidence, Seen, evidence_of
from hosted_ce.ramp.rules import Rules
from hosted_ce.ramp.state import State, Step

HOUR = 3600.0
KEPT_S = 86400.0
BEGIN = 1_770_000_000.0


@dataclass(slots=True)
class Site:
    """How it is; change it as it goes. Times in seconds. It fails `bad` of the pilots that start."""

    capacity: int = 10_000
    demand: int = 10_000
    """Pilots that come in the end; those that ended are followed by others."""
    delay_s: float = 120.0
    bad: float = 0.0
    fails_after_s: float = 60.0
    fails_with: EndClass = EndClass.NO_CVMFS
    run_s: float = 72 * HOUR
    refuses: bool = False
    away: bool = False


@dataclass(slots=True)
class Ramped:
    """A route with a ramp at a site. The site's clock is right; ours may be off."""

    rules: Rules
    site: Site = field(default_factory=Site)
    chance: Random = field(default_factory=lambda: Random(0))
    time: float = BEGIN
    off: float = 0.0
    attempts: list[Seen] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    state: State = field(init=False)
    looked_at: float = BEGIN
    _ids: int = 0
    _begun: dict[int, float] = field(default_factory=dict)
    _doomed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.state, first = begun(self.evidence(), self.rules, self.now)
        self.steps.append(first)

    @property
    def now(self) -> float:
        """By our clock."""
        return self.time + self.off

    @property
    def at_site(self) -> int:
        """Pilots that are there."""
        return sum(one.closed_at is None for one in self.attempts)

    def evidence(self) -> Evidence:
        """What the ramp sees now."""
        return evidence_of(
            self.attempts, self.rules, self.state if self.steps else None, self.now,
            looked_at=self.looked_at, newest=self._ids,
            refused="QOSMaxSubmitJobPerUserLimit" if self.site.refuses else None,
            blind="no contact" if self.site.away else None,
        )  # fmt: skip

    def goes(self, seconds: float, tick: float = 60.0) -> list[Step]:
        """Lets time pass; the steps that were made meanwhile."""
        before, until = len(self.steps), self.time + seconds
        while self.time < until:
            self.time = min(until, self.time + tick)
            self.ticks()
        return self.steps[before:]

    def ticks(self) -> None:
        """Everything that is due now, at the site and in the ramp; pilots that may come do."""
        if not self.site.away:
            self._site_ticks()
            self.looked_at = self.now
        self.state, made = step(self.state, self.evidence(), self.rules, self.now)
        if made:
            self.steps.append(made)
        if not self.site.away:
            self._admit()

    def told(self, made: acts.Made) -> None:
        """An operator did this."""
        self.state, done = made
        self.steps.append(done)

    def _admit(self) -> None:
        room = 0 if self.site.refuses else min(self.state.cap, self.site.demand) - self.at_site
        for _ in range(room):
            self._ids += 1
            self.attempts.append(Seen(self._ids, self.now, self.now))
            self._begun[self._ids] = self.time
            if self.chance.random() < self.site.bad:
                self._doomed.add(self._ids)

    def _site_ticks(self) -> None:
        running = sum(one.started_at is not None and one.closed_at is None for one in self.attempts)
        after = []
        for one in self.attempts:
            moved = self._moved(one, free=running < self.site.capacity)
            running += (moved.started_at is not None) - (one.started_at is not None)
            after.append(moved)
        self.attempts = [one for one in after if one.closed_at is None or one.closed_at > self.now - KEPT_S]

    def _moved(self, one: Seen, *, free: bool) -> Seen:
        if one.closed_at is not None:
            return one
        if one.started_at is None:
            due = self._begun[one.id] + self.site.delay_s <= self.time
            return one._replace(started_at=self.time) if due and free else one
        bad = one.id in self._doomed
        over = one.started_at + (self.site.fails_after_s if bad else self.site.run_s)
        if over > self.time:
            return one
        what = self.site.fails_with if bad else EndClass.NORMAL
        return one._replace(ended_at=over, closed_at=self.now, what=what)

    def kill(self) -> None:
        """All pilots that are there fail at once."""
        self.attempts = [
            one if one.closed_at is not None else
            one._replace(ended_at=self.time, closed_at=self.now, what=EndClass.NODE_FAILURE)
            for one in self.attempts
        ]  # fmt: skip

    def becomes(self, **what: object) -> None:
        """The site is another one from now on."""
        self.site = replace(self.site, **what)  # type: ignore[arg-type]
