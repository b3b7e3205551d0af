"""How a session stands: what its page, the command line and the minutes show."""

from __future__ import annotations

from dataclasses import dataclass

from hosted_ce.session.facts import CheckRun, PilotSeen, RampSeen
from hosted_ce.session.found import Fault, ItemState
from hosted_ce.session.item import ItemKind, Move
from hosted_ce.session.log import Entry


@dataclass(frozen=True, slots=True)
class Session:
    """One session. Times in seconds since the epoch (UTC); `partner` is who the other side is."""

    id: int
    partner: str
    site: str
    resource: str
    began_at: float
    began_by: str
    ended_at: float | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An item as it stands. `seen`: the evidence, or the reason why it is skipped; `by`: who said so.

    A skipped one without `by` is not needed at this site. `waits_for`: items that have to be settled before.
    """

    id: str
    title: str
    what: str
    todo: str
    move: Move
    kind: ItemKind
    state: ItemState
    since: float | None = None
    seen: str | None = None
    by: str | None = None
    link: str | None = None
    waits_for: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether somebody has to do something about it, and can."""
        return self.state in (ItemState.OPEN, ItemState.FAILED) and not self.waits_for


@dataclass(frozen=True, slots=True)
class Part:
    """A phase as it stands. `begins`: the minute of the session in which it is planned to begin."""

    id: str
    title: str
    aim: str
    begins: int
    minutes: int
    lines: tuple[Line, ...]

    @property
    def settled(self) -> int:
        """How many of its items are settled."""
        return sum(line.state.settled for line in self.lines)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What is left to do, by whom and until when. `name` is the same as long as it is open.

    `number`: the entry that settles it, for what an operator wrote; others go when they are seen to be well.
    """

    name: str
    what: str
    owner: str
    due: str | None = None
    todo: str | None = None
    item: str | None = None
    number: int | None = None
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """All of it, as of `at`, in seconds since the epoch (UTC)."""

    session: Session
    at: float
    minutes: int
    """How long it is planned to take."""
    parts: tuple[Part, ...]
    next: str | None
    """The item to turn to now."""
    entries: tuple[Entry, ...]
    open_items: tuple[OpenItem, ...]
    checks: tuple[CheckRun, ...] = ()
    tests: tuple[PilotSeen, ...] = ()
    pilots: tuple[PilotSeen, ...] = ()
    ramps: tuple[RampSeen, ...] = ()
    contacts: tuple[str, ...] = ()
    """Whom the site file names."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """The items of all parts."""
        return tuple(line for part in self.parts for line in part.lines)

    @property
    def elapsed_s(self) -> float:
        """How long it has gone on, or did."""
        return max(0.0, (self.session.ended_at or self.at) - self.session.began_at)
