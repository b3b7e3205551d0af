"""The tests that there are."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a test pilot does."""

    HELLO = "hello"
    """It says who it is, where, and with which environment: one core, a few seconds."""
    STRESS = "stress"
    """It uses what was asked for: all cores, most of the memory, scratch; and tells what it was given."""
