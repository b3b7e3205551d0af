"""What an operator may settle by hand."""

from __future__ import annotations


class CannotSettle(Exception):
    """It is not to be settled like that: the text says why, and what can be done instead."""
