"""Parts of a site file that may have any faults: what was read, or what was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def part(value: object, name: str) -> Any:
    """That part of it; None if there is none."""
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
