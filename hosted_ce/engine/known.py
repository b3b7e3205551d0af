"""What the engine goes by of what a probe found."""

from __future__ import annotations

from bosco.batch.facts import Records
from bosco.capabilities import Capabilities

LISTS_WHILE_REMEMBERED = 2
"""An ended job is to be seen in so many listings, where nothing else tells how it ended."""
LEAST_INTERVAL_S = 5.0


class Known:
    """Of one cluster, since the last probe of this process; before it, nothing is known."""

    def __init__(self) -> None:
        self.no_records: str | None = None
        """Why there are no records of jobs that are listed no more; None: they are to be asked."""
        self.behind_s = 0.0
        """How far the site's clock is behind ours, if it is."""
        self._remembers_s: int | None = None

    def learn(self, found: Capabilities) -> None:
        """A probe found this."""
        off = found.batch.records is Records.OFF
        self.no_records = found.batch.unknown.get("records", "it keeps no records") if off else None
        self.behind_s = max(0.0, -found.login.clock_offset_s)
        self._remembers_s = found.batch.remembers_s

    def interval(self, poll: float) -> float:
        """How often to list, in seconds, where `poll` is what the site file says.

        Without records, the listing is the only one to tell why a job was killed: it has to be seen before
        it is forgotten.
        """
        if self.no_records is None or not self._remembers_s:
            return poll
        return min(poll, max(LEAST_INTERVAL_S, self._remembers_s / LISTS_WHILE_REMEMBERED))
