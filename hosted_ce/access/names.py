"""What tokens may be called. Names are shown in logs, histories and on pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from hosted_ce.access.token import LONGEST_NAME

RESERVED = frozenset({"operator"})
"""The name of who has the token of the state folder."""


def checked_name(text: str) -> str:
    """The name in composed form, without spaces around it. Raises ValueError."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > LONGEST_NAME:
        raise ValueError(f"must be 1 to {LONGEST_NAME} characters")
    if hidden := next((each for each in name if not each.isprintable()), None):
        raise ValueError(f"has a character that cannot be seen (U+{ord(hidden):04X})")
    if name.isdecimal():
        raise ValueError("must not be a number: numbers are the ids of tokens")
    if _same(name) in RESERVED:
        raise ValueError(f"{name!r} is the name of who has the token of the state folder")
    return name


def taken(name: str, names: Iterable[str]) -> bool:
    """Whether one of the names is this one, as people read it: whatever the case."""
    return _same(name) in {_same(each) for each in names}


def _same(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
