"""The capability record: what one probe of a cluster found, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bosco.capabilities import Capabilities

FORMAT = 1
"""Of the written form. A record of another one is as good as none: the first contact brings a new one."""
_FOUND = TypeAdapter(Capabilities)


@dataclass(frozen=True, slots=True)
class CapabilityRecord:
    """What was found, and when (seconds since the epoch)."""

    taken_at: float
    found: Capabilities


def written(found: Capabilities) -> dict[str, Any]:
    """As a JSON object."""
    document: dict[str, Any] = _FOUND.dump_python(found, mode="json")
    return document


def read(document: Mapping[str, Any]) -> Capabilities | None:
    """From such an object; None when it is not in this form."""
    try:
        return _FOUND.validate_python(document)
    except ValidationError:
        return None
