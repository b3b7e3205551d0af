"""No test finds the umask of another: labs are made by the same processes."""

from __future__ import annotations

import os


def mask() -> int:
    """The umask, which can be asked for only by setting it."""
    os.umask(now := os.umask(0o077))
    return now


BEFORE = mask()


def test_one_sets_it() -> None:
    os.umask(BEFORE ^ 0o055)


def test_the_next_does_not_have_it() -> None:
    assert mask() == BEFORE
