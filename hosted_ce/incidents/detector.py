"""When signs make an incident, and when it is over: not at the first sign, and not at the first pause.

At one place there is one incident at a time: what is nearest to us hides what is behind it. An incident
begins when its first sign was seen, though it is told later, and ends when the first good sign was seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from hosted_ce.incidents.cause import ABOUT, Cause
from hosted_ce.incidents.incident import Incident
from hosted_ce.incidents.signs import Sign


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A cause that was seen without a break since then, and is not told yet."""

    cause: Cause
    since: float


class Place:
    """What is known of one place. `after_s`: how long a cause lasts before it is told, times its patience."""

    def __init__(self, after_s: float, last: Incident | None = None):
        """`last` is the incident that was open when the CE ended."""
        self._after_s = after_s
        self.open = last
        self._suspicion: Suspicion | None = None
        self._well_since: float | None = None

    def see(self, sign: Sign | None, now: float) -> list[Incident]:
        """What is to be written down: one that is over, one that begins, or both in this order.

        What is not known breaks both suspicion and recovery: an incident needs evidence without a gap.
        """
        if sign is None:
            self._suspicion = self._well_since = None
            return []
        return self._well(now) if sign.cause is None else self._ill(sign, sign.cause, now)

    def _well(self, now: float) -> list[Incident]:
        self._suspicion = None
        if self.open is None:
            return []
        since = self._well_since = now if self._well_since is None else self._well_since
        return [self._end(since)] if now - since >= self._after_s else []

    def _ill(self, sign: Sign, cause: Cause, now: float) -> list[Incident]:
        self._well_since = None
        if self.open and self.open.cause is cause:
            self._suspicion = None
            return []
        if self._suspicion is None or self._suspicion.cause is not cause:
            self._suspicion = Suspicion(cause, now)
        since = self._suspicion.since
        if now - since < self._after_s * ABOUT[cause].patience:
            return []
        ended = [self._end(since)] if self.open else []
        self.open, self._suspicion = Incident(sign.place, cause, since, now, sign.said), None
        return [*ended, self.open]

    def _end(self, at: float) -> Incident:
        assert self.open  # noqa: S101 - callers know
        over = replace(self.open, ended_at=max(at, self.open.began_at))
        self.open = self._well_since = None
        return over

    def written(self, incident: Incident) -> None:
        """The open incident has its number now."""
        if self.open and self.open.began_at == incident.began_at:
            self.open = incident


def places(after_s: float, still_open: Iterable[Incident]) -> dict[str, Place]:
    """As they were when the CE ended."""
    return {one.place: Place(after_s, one) for one in still_open}
