"""Whole numbers as sources write them."""

from __future__ import annotations

import re


def number_of(text: str | None) -> int | None:
    """The number of a text of up to 12 digits; None where it is none."""
    return int(text) if text is not None and re.fullmatch(r"[0-9]{1,12}", text) else None
