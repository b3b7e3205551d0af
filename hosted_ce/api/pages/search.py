"""What a text in the search field may mean. Pure."""

from __future__ import annotations

from collections.abc import Iterator

LEAST_REASON = 3
WORDS = {
    "factory_job": "the factory's GlobalJobId",
    "door_key": "the front door's name",
    "batch_id": "a batch job's id",
    "stamp": "a batch job's name",
    "entry": "an entry",
    "vo": "a VO",
    "route": "a route",
    "factory": "a factory",
    "reason": "a reason",
}
"""Which parameters of a listing are tried, the most exact first, and how they are called."""


def meanings(text: str) -> Iterator[str]:
    """The parameters that `text` may be a value of, in the order in which they are to be tried."""
    if "#" in text:
        yield from ("factory_job", "door_key")
    else:
        yield from ("batch_id", "stamp", "door_key", "entry", "vo", "route", "factory")
    if len(text) >= LEAST_REASON:
        yield "reason"


def pilot_number(text: str) -> int | None:
    """The pilot's id that `text` may be."""
    digits = text.removeprefix("#")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None  # noqa: PLR2004
