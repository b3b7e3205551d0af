"""Paths of this CE that a person is sent on to. Pure."""

from __future__ import annotations

import re

LONGEST = 2000
_PATH = re.compile(rf"/(?!/)[!-\[\]-~]{{0,{LONGEST - 1}}}\Z")
"""Printable ASCII, and no backslash: browsers take it for a slash, and two of those begin a host's name."""


def local_path(text: str) -> str:
    """`text`, if it is the path of something here, with or without a query. Raises ValueError."""
    if not _PATH.match(text):
        raise ValueError(f"must be a path of this CE such as /pilots, of {LONGEST} characters at most")
    return text
