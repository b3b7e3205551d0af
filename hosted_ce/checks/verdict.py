"""What a check says in the end."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """From good to bad, and that nothing was looked at."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    """It works, but not as well as it could, or not for long."""
    FAIL = "fail"
    """Pilots are refused, wait for ever or fail because of it."""
    SKIPPED = "skipped"
    """It could not be looked at; what was seen says why."""

    @property
    def badness(self) -> int:
        """The larger, the worse; what was skipped is neither good nor bad."""
        return _BADNESS[self]


_BADNESS = {Verdict.SKIPPED: 0, Verdict.PASS: 0, Verdict.WARN: 1, Verdict.FAIL: 2}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; PASS before SKIPPED, and SKIPPED when there is none."""
    return max(verdicts, key=lambda v: (v.badness, v is not Verdict.SKIPPED), default=Verdict.SKIPPED)
