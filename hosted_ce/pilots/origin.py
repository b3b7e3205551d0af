"""Where a pilot comes from, in the words of its factory. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_NAME = 128
"""Longer names are cut: nobody's factory has any."""
_ENTRY, _FACTORY = "glideinentryname", "glideinfactory"


def entry_of(attributes: Mapping[str, Any]) -> str | None:
    """The factory's entry that the pilot belongs to, `GlideinEntryName`; None: it does not say."""
    return _name(attributes, _ENTRY)


def factory_of(attributes: Mapping[str, Any]) -> str | None:
    """The factory that sent it, `GlideinFactory`; None: it does not say."""
    return _name(attributes, _FACTORY)


def _name(attributes: Mapping[str, Any], wanted: str) -> str | None:
    for name, value in attributes.items():
        if name.lower() == wanted and isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)[:MAX_NAME] or None
    return None
