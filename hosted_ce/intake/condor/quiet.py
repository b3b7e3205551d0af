"""Whether the schedd's queue need not be asked: its log tells that nothing was written since the last answer.

The schedd appends every change of a job to `job_queue.log` before it answers who made it. So a queue that
had nothing for us has nothing still while that file is the same; a look at it costs microseconds, a query
milliseconds here and in the schedd. All the same the schedd is asked again after a few seconds: to know that
it is there, and because the file is not its promise.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hosted_ce.engine.ports import Clock

LONGEST_S = 5.0
"""Nothing is taken from the file's word for longer; a schedd that died is noticed after so long."""

Mark = tuple[int, ...]
"""Equal while nothing was written."""


class Quiet:
    """What the last answer was worth. `look` gives the log's mark, None when it cannot be told."""

    def __init__(self, look: Callable[[], Mark | None], now: Clock):
        self._look, self._now = look, now
        self._seen: Mark | None = None
        self._mark: Mark | None = None
        self._at = 0.0

    def lasts(self) -> bool:
        """Whether the queue is as empty for us as at the last answer. Call it right before each question."""
        self._seen = self._look()
        same = self._seen is not None and self._seen == self._mark
        return same and self._now() - self._at < LONGEST_S

    def answered(self, found: int) -> None:
        """The answer to the question that `lasts` went before: so many jobs want something."""
        self._mark = None if found else self._seen
        self._at = self._now()

    def forget(self) -> None:
        """The next question is asked in any case."""
        self._mark = None


def mark_of(log: Path) -> Mark | None:
    """The mark of a schedd's job_queue.log; None when there is none that we may look at."""
    try:
        facts = log.stat()
    except OSError:  # another place, or another account's: then the schedd is asked each time
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns
