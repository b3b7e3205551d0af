"""What can be wrong with an input file's content."""

from __future__ import annotations


class ContentUnusable(Exception):
    """The content of an input file cannot be had, now or later; the text says what to do."""
