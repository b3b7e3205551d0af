"""Why a daemon did not start."""

from __future__ import annotations


class CannotStart(Exception):
    """The daemon cannot start; the text says what to do."""
