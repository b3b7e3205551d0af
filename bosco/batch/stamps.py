"""How our jobs' names are told from others of the same account."""

from __future__ import annotations

import re

STAMP = re.compile(r"h[a-z2-7]{14}\Z")
"""15 characters: the longest name that every batch system takes."""
