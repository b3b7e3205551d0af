"""What keeps some jobs waiting while the schedd is well: logged once, told until it is over."""

from __future__ import annotations

import structlog

log = structlog.get_logger(__name__)


class Complaints:
    """Nobody but an operator can do something about these."""

    def __init__(self) -> None:
        self._unclaimed: str | None = None
        self._orphans: str | None = None
        self._strange: dict[str, str] = {}
        self._logged: set[str] = set()

    @property
    def first(self) -> str | None:
        """The one to be told: the one that concerns most jobs."""
        return self._unclaimed or self._orphans or next(iter(self._strange.values()), None)

    def unclaimed(self, number: int) -> None:
        """A schedd answers an edit that it denies as it answers one that nothing matches."""
        if number and not self._unclaimed:
            log.error("jobs of the queue cannot be claimed", jobs=number)
        todo = "is the CE's account a queue super user? `hosted-ce front-door check` tells"
        self._unclaimed = f"{number} jobs cannot be claimed: {todo}" if number else None

    def orphaned(self, number: int) -> None:
        """Jobs that were dealt with and have no pilot here were another state folder's: they may run."""
        if number and not self._orphans:
            log.error("jobs of the queue were taken in by another state folder", jobs=number)
        told = f"{number} jobs have pilots that are not in this state folder: an old one, or two CEs?"
        self._orphans = told if number else None

    def left_alone(self, cluster: str, why: str) -> None:
        """One job that cannot be read or edited; the others go on."""
        if why not in self._logged:
            log.error("a job of the queue is left alone", cluster=cluster, problem=why)
            self._logged.add(why)
        self._strange[cluster] = why

    def none_left_alone(self) -> None:
        """All jobs are about to be read anew."""
        self._strange.clear()
