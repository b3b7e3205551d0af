"""Times as the API spells them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

Timestamp = Annotated[
    str,
    Field(
        json_schema_extra={"format": "date-time"},
        description="RFC 3339, in UTC.",
        examples=["2026-03-01T12:30:00.000Z"],
    ),
]


def rfc3339(seconds: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC, with milliseconds and a Z."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def rfc3339_or_none(seconds: float | None) -> str | None:
    """Like `rfc3339`; None where it is not known."""
    return None if seconds is None else rfc3339(seconds)
