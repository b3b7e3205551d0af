"""What a kind of error of the API is made of."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

DOCS = "/docs/errors"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem (RFC 9457): what it is called, and what to do about it."""

    slug: str
    status: HTTPStatus
    title: str
    advice: str
    example: str
    """A detail as it may be answered."""

    @property
    def type(self) -> str:
        """The problem's `type`: where it is explained, relative to the API."""
        return f"{DOCS}#{self.slug}"
