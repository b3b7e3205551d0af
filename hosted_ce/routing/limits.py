"""How many pilots may be at a site, and whether there is room for one more. Pure: time comes as a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

MINUTE_S = 60.0
OTHERS = "*"
"""In `per_vo`: each VO that is not named."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The most pilots at a site at the same time; None: no limit.

    `pilots` counts all that are there or may be, `idle` those of them that wait. `running` counts both, too,
    since one that waits may start at any moment. `cores` are those asked for.
    """

    pilots: int | None = None
    idle: int | None = None
    running: int | None = None
    cores: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the week in which other caps are in force. Days count from Monday, 0.

    When `until` is not after `begin` the window goes on to the next day; `days` are those on which it begins.
    """

    days: frozenset[int]
    begin: time
    until: time
    zone: ZoneInfo
    caps: Caps

    def is_open(self, now: float) -> bool:
        """Whether it is now (seconds since the epoch)."""
        local = datetime.fromtimestamp(now, self.zone)
        today, clock = local.weekday(), local.time()
        if self.begin < self.until:
            return today in self.days and self.begin <= clock < self.until
        began_today = today in self.days and clock >= self.begin
        return began_today or ((today - 1) % 7 in self.days and clock < self.until)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a route allows. `submits` are attempts begun within any minute.

    What a window says goes before `caps`, as long as it is open; the first open window counts. Above
    `failure_rate`, in failures a second, the route is slowed down (hosted_ce.routing.throttle).
    """

    caps: Caps = field(default_factory=Caps)
    submits: int | None = None
    per_vo: Mapping[str, Caps] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    failure_rate: float | None = None

    def at(self, now: float) -> Caps:
        """The caps that are in force now."""
        opened = next((window.caps for window in self.windows if window.is_open(now)), None)
        return self.caps if opened is None else _over(opened, self.caps)

    def of_vo(self, vo: str) -> Caps:
        """The caps of one VO on this route."""
        return self.per_vo.get(vo) or self.per_vo.get(OTHERS) or Caps()


def _over(first: Caps, second: Caps) -> Caps:
    said = {name: value for name in Caps.__slots__ if (value := getattr(first, name)) is not None}
    return replace(second, **said)


@dataclass(frozen=True, slots=True)
class Usage:
    """Pilots at a site: all that are there or may be, those that wait, and the cores that they asked for.

    `submits` are the attempts that were begun within the last minute.
    """

    pilots: int = 0
    idle: int = 0
    cores: int = 0
    submits: int = 0
    tests: int = 0
    """Those of `pilots` that are no work: test pilots and checks."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, name) + getattr(other, name) for name in Usage.__slots__))


@dataclass(frozen=True, slots=True)
class Admission:
    """How many pilots a route's ramp admits now, and how many it will when it has done."""

    cap: int
    target: int


def ramped(admission: Admission | None, usage: Usage) -> str | None:
    """Why a route's ramp leaves no room for one more pilot, in words; None if it does, or there is none.

    Test pilots and checks are not counted, and not kept back: do not ask for them.
    """
    if admission is None or usage.pilots - usage.tests < admission.cap:
        return None
    # How many are there is left out: every pilot that waits would be written anew with each one that ends.
    return f"the ramp admits {admission.cap} of {admission.target} pilots now"


def fullness(caps: Caps, usage: Usage, whose: str, cores: int | None = None) -> str | None:
    """Which cap leaves no room for one more, in words; None if there is room.

    `whose` says whose pilots are counted, as in "its". `cores` are what the pilot would ask for; while they
    are not known the cap on cores is passed over.
    """
    if caps.pilots is not None and usage.pilots >= caps.pilots:
        return f"{usage.pilots} of {whose} {caps.pilots} pilots are at the site"
    if caps.running is not None and usage.pilots >= caps.running:
        return f"{usage.pilots} of {whose} {caps.running} pilots run or may start at any time"
    if caps.idle is not None and usage.idle >= caps.idle:
        return f"{usage.idle} of {whose} {caps.idle} waiting pilots are in the site's queue"
    if cores is not None and caps.cores is not None and usage.cores + cores > caps.cores:
        return f"{usage.cores} of {whose} {caps.cores} cores are asked for, and it needs {cores}"
    return None


def too_soon(limits: Limits, usage: Usage) -> str | None:
    """Whether as many attempts as may be were begun within the last minute, in words."""
    if limits.submits is None or usage.submits < limits.submits:
        return None
    return f"{usage.submits} of its {limits.submits} submits a minute are made"
