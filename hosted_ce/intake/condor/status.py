"""How the door is doing, for readiness, pages and metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class DoorStatus:
    """`in_contact` is None until the first try. Times in seconds since the epoch."""

    in_contact: bool | None = None
    since: float | None = None
    problem: str | None = None
    looked_at: float | None = None
    jobs: int = 0
    """Jobs of ours in the queue, as of the last comparison."""

    def well(self, now: float, problem: str | None) -> None:
        """The schedd answered; `problem` is what keeps some jobs waiting all the same."""
        self._is(True, now)
        self.problem, self.looked_at = problem, now

    def ill(self, now: float, problem: str) -> None:
        """It did not answer, or refused."""
        self._is(False, now)
        self.problem = problem

    def _is(self, in_contact: bool, now: float) -> None:
        if self.in_contact is not in_contact:
            self.in_contact, self.since = in_contact, now
