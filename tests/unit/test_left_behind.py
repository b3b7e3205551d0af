"""No test finds the umask of another: labs are made by the same processes."""

from __future__ import annotations

import os


def test_one_sets_it() -> None:
    os.umask(0o077)


def test_the_next_does_not_have_it() -> None:
    mask = os.umask(0o022)
    os.umask(mask)
    assert mask != 0o077
