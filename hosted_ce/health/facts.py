"""What is known when the CE's health is judged. Times are seconds since the epoch, None: it never was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ClusterCondition(StrEnum):
    """How a cluster is doing, as far as its health goes."""

    WELL = "well"
    NOT_KNOWN = "not_known"
    """It was not tried since the start."""
    IN_TROUBLE = "in_trouble"
    """In contact, but the batch system is in trouble, or refuses pilots of a route."""
    PAUSED = "paused"
    """An operator wants nothing to be submitted there."""
    OUT_OF_REACH = "out_of_reach"
    """The login node does not answer, or refuses us."""


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """One cluster. `said` is why it is not well."""

    name: str
    condition: ClusterCondition
    said: str | None = None
    overdue: int = 0
    """Pilots that have been in doubt for too long."""
    problems: tuple[tuple[str, str], ...] = ()
    """What a probe of it found that keeps pilots from running, each with what to do."""


@dataclass(frozen=True, slots=True)
class DoorFacts:
    """The factory's door; `in_contact` is None before it was asked, `said` what is wrong with it."""

    in_contact: bool | None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class PilotFacts:
    """The pilots of this CE. Averages are over the 48 hours before now."""

    idle: int = 0
    """In doubt or waiting, here or in the site's queue."""
    running: int = 0
    held: int = 0
    first_at: float | None = None
    """When the first pilot came."""
    ran_at: float | None = None
    """When one ran last: now, while one runs."""
    cores: int = 0
    """Of those that run."""
    mean_cores: float = 0.0
    """Cores of pilots that run or ran."""
    mean_idle: float = 0.0
    """Of the pilots that are idle now."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """Something that is no longer valid after a time, such as a certificate, and where it is."""

    kind: str
    path: str
    until: float


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """What the file system of the CE's own state folder still takes."""

    folder: str
    free_bytes: int
    free_files: int | None = None
    """None: it counts none."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it, as of `now`."""

    now: float
    pilots: PilotFacts
    clusters: tuple[ClusterFacts, ...] = ()
    door: DoorFacts | None = None
    """None: the site has none."""
    expiries: tuple[Expiry, ...] = ()
    room: RoomFacts | None = None
    """None: nobody has looked."""
    troubles: tuple[str, ...] = ()
    """What else is not as it should be, such as a site file that is not in force."""
