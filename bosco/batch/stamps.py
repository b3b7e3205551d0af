"""How our jobs' names are told from others of the same account; and stamps of pilots that may share an array.

Stamps of one family differ in their last three characters, which are digits then: a job array has the name of
the family, and the index of a task is these digits. So whoever sees an array's name and an index knows the
stamp, without any table that could be lost.
"""

from __future__ import annotations

import re

STAMP = re.compile(r"h(?:[a-z2-7]{14}|[a-z2-7]{11}\d{3})\Z")
"""15 characters: the longest name that every batch system takes."""
FAMILY = re.compile(r"h[a-z2-7]{11}\Z")
SIBLINGS = 1000
"""How many stamps a family has."""
_DIGITS = 3


def family_of(stamp: str) -> str:
    """What the stamps of its family begin with."""
    return stamp[:-_DIGITS]


def index_of(stamp: str) -> int | None:
    """Its place in the family; None: it has none, and its job goes alone."""
    digits = stamp[-_DIGITS:]
    return int(digits) if digits.isdecimal() else None


def sibling(family: str, index: int) -> str:
    """The stamp at that place, 0 to 999. Raises ValueError for any other."""
    if not 0 <= index < SIBLINGS:
        raise ValueError(f"a family has {SIBLINGS} stamps, and none at {index}")
    return f"{family}{index:0{_DIGITS}d}"
