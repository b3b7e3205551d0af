"""How one account at its login nodes is doing, in one word, with a reason and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bosco.dialer import Contact, ContactStatus
from hosted_ce.engine.gate import Gate
from hosted_ce.engine.ports import Clock
from hosted_ce.engine.pushback import Refused
from hosted_ce.pilots.cluster import Pause


class CircuitState(StrEnum):
    """From what an operator decided to what is well; the first that fits."""

    PAUSED = "paused"
    """An operator wants nothing to be submitted."""
    AUTH_REFUSED = "auth_refused"
    """The login node refuses us, or shows another host key: tried again rarely."""
    DOWN = "down"
    """No contact: pilots there are frozen."""
    CONNECTING = "connecting"
    """The first contact since the start is still to come."""
    DEGRADED = "degraded"
    """In contact, but the batch system is in trouble, or refuses pilots of a route."""
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Circuit:
    """`since` in seconds since the epoch; no reason when it is ready."""

    state: CircuitState
    since: float
    reason: str | None


_OF_CONTACT = {
    Contact.REFUSED: CircuitState.AUTH_REFUSED,
    Contact.DOWN: CircuitState.DOWN,
    Contact.NOT_YET: CircuitState.CONNECTING,
}


class CircuitWatch:
    """Remembers since when it is what it is. To be asked now and then."""

    def __init__(self, now: Clock):
        self._now = now
        self._last: Circuit | None = None

    def look(
        self, contact: ContactStatus, gate: Gate, refused: Sequence[Refused], pause: Pause | None
    ) -> Circuit:
        """As it is now."""
        state, since, reason = _judged(contact, gate, refused, pause)
        if since is None:
            same = self._last is not None and self._last.state is state
            since = self._last.since if self._last and same else self._now()
        self._last = Circuit(state, since, reason)
        return self._last


def _judged(
    contact: ContactStatus, gate: Gate, refused: Sequence[Refused], pause: Pause | None
) -> tuple[CircuitState, float | None, str | None]:
    if pause:
        return CircuitState.PAUSED, pause.since, pause_words(pause)
    if found := _OF_CONTACT.get(contact.contact):
        return found, contact.since, contact.problem or gate.trouble
    if gate.trouble:
        return CircuitState.DEGRADED, None, gate.trouble
    if refused:
        return CircuitState.DEGRADED, min(one.since for one in refused), _refused_words(refused)
    return CircuitState.READY, None, None


def pause_words(pause: Pause) -> str:
    """What is said of a paused cluster."""
    return f"paused by {pause.actor}" + (f": {pause.reason}" if pause.reason else "")


def _refused_words(refused: Sequence[Refused]) -> str:
    return "; ".join(f"pilots of route {one.route} are refused: {one.said}" for one in refused)
