"""Step: submit, where pilots share job arrays: many go with one command of the site.

Nobody waits for others: what is there goes, the first one alone. While a submission is under way others come,
and go together in the next. So few run side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import structlog

from bosco.errors import BoscoError, Failed, NotRun, Refusal
from bosco.together import Outcome
from hosted_ce.engine.array_size import ArraySizes
from hosted_ce.engine.judge import attempt_of
from hosted_ce.engine.submission import doubted, refused, submitted
from hosted_ce.pilots.pilot import Change, Pilot

log = structlog.get_logger(__name__)
SIDE_BY_SIDE = 2
"""Submissions under way at a time: one at the site, and one on its way."""

Key = Callable[[Pilot], Hashable | None]
"""Pilots for which it is equal may go together; None: this one goes alone."""


class Group:
    """Pilots that go together, the oldest that there is and those like it. Offer them in their order."""

    def __init__(self, key: Key, sizes: ArraySizes):
        self.pilots: list[Pilot] = []
        self._key, self._sizes = key, sizes
        self._common: Hashable | None = None

    def offer(self, pilot: Pilot) -> bool:
        """Takes it if it fits; whether there may be room for more."""
        if not self.pilots:
            self._common = self._key(pilot) if self._room(pilot) else None
            self.pilots.append(pilot)
            return self._common is not None and self._room(pilot)
        if self._key(pilot) == self._common:
            self.pilots.append(pilot)
        return self._room(pilot)

    def _room(self, pilot: Pilot) -> bool:
        return len(self.pilots) < self._sizes.of(attempt_of(self.pilots[0] if self.pilots else pilot).route)


def changes(pilots: Sequence[Pilot], answers: Mapping[str, Outcome], now: float) -> list[Change]:
    """What follows from the site's answers, by stamp, for each of these. Nothing happened: no change."""
    found = (_change(pilot, answers[attempt_of(pilot).stamp], now) for pilot in pilots)
    return [change for change in found if change]


def _change(pilot: Pilot, answer: Outcome, now: float) -> Change | None:
    if isinstance(answer, str):
        return submitted(pilot, answer, now)
    if isinstance(answer, NotRun):
        return None
    if isinstance(answer, Failed) and answer.refusal is not Refusal.TRANSIENT:
        return refused(pilot, answer, now)
    log.warning("submission in doubt", pilot=pilot.id, stamp=attempt_of(pilot).stamp, problem=str(answer))
    return doubted(pilot, str(answer), now)


def trouble(answers: Mapping[str, Outcome]) -> BoscoError | None:
    """What the cluster is to pause for: nothing happened, or the batch system is in trouble."""
    unsent = next((answer for answer in answers.values() if isinstance(answer, NotRun)), None)
    no = refusal(answers)
    return unsent or (no if no and no.refusal is Refusal.TRANSIENT else None)


def refusal(answers: Mapping[str, Outcome]) -> Failed | None:
    """A clear no to all of them. One among others was said to a stamp before, and is in its ledger since."""
    said = [answer for answer in answers.values() if isinstance(answer, Failed)]
    return said[0] if said and len(said) == len(answers) else None
