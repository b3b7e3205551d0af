"""Good, Fair or Poor, by the rules of the CE dashboard, with every reason and what to do. Pure.

The dashboard's rules: Poor is a CE that does not answer, whose site cannot be reached, that has no pilots at
all, or ran none in a month. Fair is one that ran none in a week, with more held pilots than others, or a
queue in trouble. Ours are added where a CE would be called Good although somebody has to do something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from hosted_ce.health.facts import (
    ClusterCondition,
    ClusterFacts,
    DoorFacts,
    Expiry,
    Facts,
    PilotFacts,
    RoomFacts,
)
from hosted_ce.health.pressure import Pressure, activity

DAY_S = 86400.0
WEEK_S = 7 * DAY_S
MONTH_S = 30 * DAY_S
RENEW_BEFORE_S = 14 * DAY_S
MIB = 2**20
LITTLE_BYTES, HARDLY_BYTES = 1024 * MIB, 200 * MIB
LITTLE_FILES, HARDLY_FILES = 20_000, 1000


class Word(StrEnum):
    """The dashboard's words."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it is not good: the word that this alone would make it, what is so, and what to do."""

    word: Word
    said: str
    todo: str


@dataclass(frozen=True, slots=True)
class Health:
    """The worst word of all reasons, which come worst first; good when there is none."""

    word: Word
    reasons: tuple[Reason, ...]


def health(facts: Facts) -> Health:
    """How the CE is doing."""
    found = chain(
        _room(facts.room),
        _door(facts.door),
        *(_cluster(cluster) for cluster in facts.clusters),
        _use(facts.pilots, facts.now),
        _held(facts.pilots),
        *(_expiry(expiry, facts.now) for expiry in facts.expiries),
        (Reason(Word.FAIR, said, "see `/readyz` and the log") for said in facts.troubles),
    )
    reasons = tuple(sorted(found, key=lambda reason: reason.word is not Word.POOR))  # stable: poor first
    return Health(_worst(reasons), reasons)


def _worst(reasons: Iterable[Reason]) -> Word:
    words = {reason.word for reason in reasons}
    return next((word for word in (Word.POOR, Word.FAIR) if word in words), Word.GOOD)


def _room(room: RoomFacts | None) -> Iterator[Reason]:
    """A CE that cannot write takes no pilot in, and does not get on with those that it has."""
    if room is None:
        return
    files = LITTLE_FILES if room.free_files is None else room.free_files
    if room.free_bytes >= LITTLE_BYTES and files >= LITTLE_FILES:
        return
    left = f"{room.free_bytes / MIB:.0f} MiB" if room.free_bytes < LITTLE_BYTES else f"{files} files"
    hardly = room.free_bytes < HARDLY_BYTES or files < HARDLY_FILES
    said = f"the CE's own disk has room for {left} only, in the state folder {room.folder}"
    todo = (
        "make room there: when it is full no pilot can be taken in, and nothing that happens be written down"
    )
    yield Reason(Word.POOR if hardly else Word.FAIR, said, todo)


def _door(door: DoorFacts | None) -> Iterator[Reason]:
    if door is None or door.in_contact is None:
        return
    if not door.in_contact:
        said = f"factories cannot send pilots: {door.said or 'the schedd does not answer'}"
        yield Reason(Word.POOR, said, "run `hosted-ce front-door check`")
    elif door.said:
        yield Reason(
            Word.FAIR, f"the front door is in trouble: {door.said}", "run `hosted-ce front-door check`"
        )


def _cluster(cluster: ClusterFacts) -> Iterator[Reason]:
    name, said = cluster.name, cluster.said or "it says no more"
    match cluster.condition:
        case ClusterCondition.OUT_OF_REACH:
            todo = f"mend what it says, then run `hosted-ce site resume {name}` to try at once"
            yield Reason(Word.POOR, f"cluster {name} cannot be reached: {said}", todo)
        case ClusterCondition.IN_TROUBLE:
            todo = "it is tried again by itself; if it lasts, `hosted-ce site check` says who has to do what"
            yield Reason(Word.FAIR, f"cluster {name} is in trouble: {said}", todo)
        case ClusterCondition.PAUSED:
            todo = f"`hosted-ce site resume {name}` when the reason is gone"
            yield Reason(Word.FAIR, f"nothing is submitted to cluster {name}: {said}", todo)
        case ClusterCondition.WELL | ClusterCondition.NOT_KNOWN:
            pass
    if cluster.overdue:
        many = "1 pilot has" if cluster.overdue == 1 else f"{cluster.overdue} pilots have"
        said = f"{many} been in doubt for too long at cluster {name}"
        yield Reason(Word.FAIR, said, "see `hosted-ce pilots list --state unknown`, and settle them by hand")
    for said, todo in cluster.problems:
        yield Reason(Word.FAIR, f"cluster {name}: {said}", todo)


def _use(pilots: PilotFacts, now: float) -> Iterator[Reason]:
    """A CE of which nobody has wanted anything for a while is not good, as at the dashboard."""
    if pilots.first_at is None:
        todo = "ask the factory's operators for pilots, or try one with `hosted-ce pilots submit`"
        yield Reason(Word.POOR, "no pilot has ever come", todo)
        return
    quiet = now - (pilots.first_at if pilots.ran_at is None else pilots.ran_at)
    broken = activity(pilots).word is Pressure.BROKEN
    if quiet < WEEK_S and not broken:
        return
    since = "has run" if pilots.ran_at is None else f"has run for {quiet / DAY_S:.0f} days"
    waits = "waits" if pilots.idle == 1 else "wait"
    said = f"no pilot {since}" + (f", and {pilots.idle} {waits}" if pilots.idle else "")
    todo = (
        "see why they wait: `hosted-ce pilots list --state idle`"
        if pilots.idle
        else "ask the factory's operators why they send none"
    )
    yield Reason(Word.POOR if quiet >= MONTH_S else Word.FAIR, said, todo)


def _held(pilots: PilotFacts) -> Iterator[Reason]:
    others = pilots.running + pilots.idle
    if pilots.held > others:
        many = "1 pilot is" if pilots.held == 1 else f"{pilots.held} pilots are"
        said = f"{many} held, and {f'only {others}' if others else 'none'} run or wait"
        yield Reason(Word.FAIR, said, "see why: `hosted-ce pilots list --state held`")


def _expiry(expiry: Expiry, now: float) -> Iterator[Reason]:
    left, todo = expiry.until - now, f"put a new one at {expiry.path}"
    if left <= 0:
        yield Reason(Word.POOR, f"the {expiry.kind} {expiry.path} is no longer valid", todo)
    elif left < RENEW_BEFORE_S:
        said = f"the {expiry.kind} {expiry.path} is valid for {left / DAY_S:.0f} days only"
        yield Reason(Word.FAIR, said, todo)
