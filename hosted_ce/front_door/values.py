"""Values as HTCondor's configuration takes them. Pure.

What could mean something else there is refused, not escaped: a `$(NAME)` is expanded, a backslash at the end
joins lines, blanks at the ends are dropped, and some values are lists in which commas count.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from hosted_ce.front_door.errors import Unwritable

_WORD = re.compile(r"[A-Za-z0-9_.:@/~\[\]-]+")
_PATH = re.compile(r"/[A-Za-z0-9_./+@=~-]*")
_NOT_IN_STRINGS = frozenset('"$\\')


def word(text: str) -> str:
    """A host, an address or a name: one item where a list may be, and nothing to expand."""
    if not _WORD.fullmatch(text):
        raise Unwritable(f"{_shown(text)} cannot be written into HTCondor's configuration")
    return text


def path(where: Path) -> str:
    """An absolute path of ordinary characters."""
    if not _PATH.fullmatch(str(where)):
        raise Unwritable(
            f"HTCondor's configuration cannot hold the path {_shown(str(where))}; "
            "use one of letters, digits and _ . / + @ = ~ - only"
        )
    return str(where)


def string(text: str) -> str:
    """A ClassAd string with its quotes."""
    if not text.isascii() or (text and not text.isprintable()) or _NOT_IN_STRINGS & set(text):
        raise Unwritable(f"{_shown(text)} cannot be written into a ClassAd of HTCondor's configuration")
    return f'"{text}"'


def one_line(value: object) -> object:
    """The value as it is; the last look at what a template puts in."""
    text = str(value)
    if "\n" in text or "\r" in text or "$" in text or text.endswith("\\"):
        raise Unwritable(f"{_shown(text)} cannot be written into HTCondor's configuration")
    return value


def _shown(text: str) -> str:
    return json.dumps(text if len(text) <= 80 else f"{text[:77]}...")  # noqa: PLR2004
