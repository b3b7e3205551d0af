"""Nested data of the API as an outline that people read."""

from __future__ import annotations

from typing import Any

import yaml


def outline(found: Any) -> str:
    """The data as YAML, in the order given, with what a terminal cannot show spelled out."""
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=False, width=100)
